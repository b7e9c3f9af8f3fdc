"""What the demo's invented people write. Finnish, as the people of Kuopio write; nobody's words."""
from guidance.choices import EndReason, EventKind, Interruption, OptionKind, Outcome, Part, Stage, TargetGroup

CONTACTS = {
    EventKind.CALL: ["", "", "Tilanne ennallaan, sovittiin seuraava soitto.", "Käytiin läpi hakemukset.", "Asiakas on innostunut alasta ja haluaa jatkaa.", "Sovittiin tapaaminen palvelutorille."],
    EventKind.VISIT: ["", "Käytiin läpi vaihtoehtoja.", "Tutustuttiin oppilaitoksen työsaliin.", "Päivitettiin ansioluettelo yhdessä."],
    EventKind.MESSAGE: ["Lähetin linkin hakuohjeisiin.", "Muistutus tapaamisesta.", "Asiakas kysyi etuuksista, ohjasin oikeaan paikkaan."],
    EventKind.NOTE: ["Kysytään seuraavalla kerralla kulkuyhteyksistä.", "Asiakas toivoo iltaopintoja.", "Lastenhoito järjestyy kuun vaihteessa."],
}
STEPS = {
    Stage.REGISTERED: ["Kutsu alkuhaastatteluun", "Soitto: palvelutarpeen arvio"],
    Stage.IDENTIFICATION: ["Palvelutarpeen arvio", "Soitto: miten työnhaku etenee", "Sovitaan tapaaminen"],
    Stage.REFERRAL: ["Tarkistetaan ohjaukseen pääsy"],
    Stage.MAPPING: ["Käydään läpi koulutusvaihtoehdot", "Tutustumiskäynti oppilaitokseen"],
    Stage.PLANNING: ["Valitaan koulutus yhdessä", "Selvitetään hakuaika ja pääsyvaatimukset"],
    Stage.SUPPORT_BEFORE: ["Opiskelutaitojen valmennus", "Tuen tarpeen tarkistus ennen opintoja"],
    Stage.STARTING: ["Hakemuksen tarkistus", "Etuuspäätöksen tarkistus"],
    Stage.STUDYING: ["Kuulumiset opinnoista", "HOKS-keskustelun varmistus"],
    Stage.WORKPLACE_LEARNING: ["Kuulumiset työpaikalta"],
    Stage.GRADUATED: ["Sovitaan tuesta työnhakuun"],
    Stage.JOB_SEARCH_SUPPORT: ["Työnhaun tuki: hakemukset", "Yhteys yritysyhteistyökoordinaattoriin"],
    Stage.INTERRUPTED: ["Soitto: voidaanko jatkaa"],
}
GOALS = {
    TargetGroup.NO_QUALIFICATION: ["Ensimmäinen ammatillinen tutkinto.", "Ammatti, josta on töitä lähellä kotia."],
    TargetGroup.CHANGING_OCCUPATION: ["Uusi ala entisen työn tilalle.", "Alanvaihto, jossa aiempi kokemus hyödyttää."],
    TargetGroup.UPDATING_COMPETENCE: ["Osaamisen päivitys ja työ omalla alalla.", "Korttikoulutukset ja paluu työhön."],
}
HANDOFFS = {
    Part.COLLEGE: ["Koulutusvaihtoehtojen kartoitus opinto-ohjaajan kanssa.", "Asiakas haluaa ammatilliseen koulutukseen."],
    Part.EMPLOYMENT: ["Koulutuskoordinaattorin ohjaukseen.", "Jatko työllisyyspalvelun koulutusohjauksessa."],
    Part.TE: ["Työvoimakoulutuksen mahdollisuudet TE-asiantuntijan kanssa."],
}
DECLINED = ["Meillä ei ole nyt tilaa. Kokeilkaa kollegaa.", "Asiakkaan toive on toisella alalla kuin meillä.", "Tarvitaan ensin kielitaidon arvio."]
TRANSFER = "Asiakas ei kuulu enää kuntakokeilun kohderyhmään: prosessivastuu siirtyy TE-palveluihin."
DECIDED_BY = "Keksitty palvelupäällikkö, työllisyyspalvelu"
HANDOFFS_OUTSIDE = ["Kielitaidon arvio ja kurssipaikka.", "Harrastus ja arjen rytmi ennen opintoja."]
# Plainly invented, at addresses that cannot exist.
BODIES_OUTSIDE = [("Keksitty kielikoulu", "kielikoulu@example.org"), ("Keksitty työpaja", "tyopaja@example.org")]
WITHDRAWN_CONSENT = ["Asiakas ei halua enää ohjausta sieltä.", "Asiakas perui suostumuksensa puhelimessa.", ""]
WITHDRAWN = "Asiakas toivoi toista ohjaajaa."
PAUSED = "Vastaanottaja lomalla, sovittu uusi päivä."
AFTER_DECLINE = "Siirto hylättiin: valitse seuraava tapa"
FIRST_CONTACT = "Ensimmäinen tapaaminen siirron jälkeen"
NOT_ADMITTED = "Ei valittu koulutukseen: valitaan uusi vaihtoehto"
REOPENED = ["Asiakas palasi työnhakijaksi.", "Määräaikainen työ päättyi.", "Asiakas otti itse yhteyttä."]
BACK = ["Suunnitelma muuttui, katsotaan muita vaihtoehtoja.", "Ala ei tuntunut omalta.", "Opinnot eivät edenneet, kartoitetaan uudelleen."]
INTERRUPTIONS = {"Perhesyy": Interruption.FAMILY, "Muutto kesken": Interruption.MOVING, "Asiakas pyysi taukoa": Interruption.OWN_WISH}
RETURNS = ["Tauko päättyi", "Asiakas valmis jatkamaan"]
EMPLOYERS = ["Keksitty Rakennus Oy", "Keksitty Hoiva Oy", "Esimerkin Kuljetus", "Kuvitteellinen Keittiö Oy", "Esimerkkimetalli Oy", "Keksitty Kauppa"]
FILES = ["Työtodistus (keksitty)", "Koulutodistus (keksitty)", "Opintosuunnitelma (keksitty)", "Ansioluettelo (keksitty)"]
OUTSIDE = ["Toinen ammatillinen oppilaitos (keksitty)", "Ammattikorkeakoulu (keksitty)"]
TITLES = {
    OptionKind.LABOUR_MARKET_TRAINING: ["Työvoimakoulutus, varastoala", "Työvoimakoulutus, hoiva-ala"],
    OptionKind.RECRUITMENT_TRAINING: ["RekryKoulutus yrityksen kanssa"],
    OptionKind.APPRENTICESHIP: ["Oppisopimus, ravintola-ala", "Oppisopimus, kiinteistöala"],
    OptionKind.COMPETENCE_ASSESSMENT: ["Ammattiosaamisen kartoitusjakso"],
    OptionKind.QUALIFICATION: ["Sosiaali- ja terveysalan perustutkinto", "Sähkö- ja automaatioalan perustutkinto", "Liiketoiminnan perustutkinto", "Logistiikan perustutkinto"],
    OptionKind.PARTIAL_QUALIFICATION: ["Osatutkinto, puhtausala", "Osatutkinto, kone- ja tuotantotekniikka"],
    OptionKind.UPDATING: ["Osaamisen päivitys, toimistotyö"],
    OptionKind.TAILORING: ["Työhön räätälöity täydennys"],
    OptionKind.CAREER_ALTERNATIVE: ["Uravaihtoehto: ohjaustyö"],
    OptionKind.STUDY_FOR_JOB_SEARCH: ["Työnhaun tueksi: tietotekniikan perusteet"],
}
# Reason and outcome with which a pathway ends, and how often.
ENDS = [
    (EndReason.GOAL_REACHED, Outcome.EMPLOYED, 46),
    (EndReason.GOAL_REACHED, Outcome.SELF_EMPLOYED, 4),
    (EndReason.OTHER_SERVICE, Outcome.UNEMPLOYED, 14),
    (EndReason.OWN_WISH, Outcome.OUTSIDE, 14),
    (EndReason.MOVED, Outcome.UNEMPLOYED, 9),
    (EndReason.UNREACHABLE, Outcome.UNKNOWN, 6),
    (EndReason.OWN_WISH, Outcome.STUDYING, 6),
    (EndReason.DIED, Outcome.OUTSIDE, 1),
]
