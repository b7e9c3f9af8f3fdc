"""The first cooperation model: the partnership model of the City of Kuopio and Savon koulutuskuntayhtymä, with all that its description tells.

What the description does not say is said to be missing. Which goals of KOPA it serves, the day from which it has been tried and the
Swedish texts are ours, and the source says so.
"""
from datetime import date

SLUG, OWNER = "kuopion-kumppanuusmalli", "kuopion-kaupunki"
SOURCE = (
    "Kuopion kaupungin ja Savon koulutuskuntayhtymän kumppanuusmalli. Yhteys KOPAn tavoitteisiin, kokeilun alkupäivä (kuntakokeilun alku) "
    "ja ruotsinkielinen teksti ovat omia päätelmiämme ja käännöksiämme."
)

TEXTS = {
    "name_fi": "Kuopion kaupungin ja Savon koulutuskuntayhtymän kumppanuusmalli",
    "name_sv": "Partnerskapsmodellen mellan Kuopio stad och Savon koulutuskuntayhtymä",
    "summary_fi": "Työttömyydestä tutkintoon: kaupungin työllisyyspalvelu ja oppilaitos ohjaavat työtöntä yhdessä opintoihin, niiden läpi ja työhön. Prosessivastuu on työllisyyspalvelulla.",
    "summary_sv": "Från arbetslöshet till examen: stadens sysselsättningsservice och läroanstalten vägleder tillsammans den arbetslösa till studier, genom dem och till arbete. Sysselsättningsservicen ansvarar för processen.",
    "body_fi": """\
# Miksi

Hallitus tavoitteli 75 prosentin työllisyysastetta. Sen uudistukset – jatkuva oppiminen, työllisyyden kuntakokeilut, pohjoismainen työvoimapalvelujen malli ja kuntien vahvempi rooli – haastoivat Kuopion rakentamaan työllisyyden ekosysteemin työnantajien, TE-hallinnon, oppilaitosten, palveluntuottajien ja kolmannen sektorin kanssa. Kumppanuusmalli on sen yksi osa; sitä on valmisteltu ja kokeiltu useamman vuoden ajan.

Mallilla haetaan sujuvampaa tietä osaamisen kehittämiseen ja koulutuspoluille

- niille, joilla ei ole perusasteen jälkeistä tutkintoa
- ammatinvaihtajille
- työttömille, joiden osaaminen kaipaa päivitystä.

# Tilanne kuntakokeilun alkaessa

Kokeilun aika oli 1.1.2021–30.6.2023. Asiakkaita oli 6 273. Heistä osaamisen kehittämistä haki arviolta 2 206 eli 35 %. Lähes 1 400 asiakkaalta puuttui kokonaan perusasteen jälkeinen tutkinto. Alle 30-vuotiaita oli Kuopion alueella 40 %.

# Miten asiakas etenee

1. Asiakas tulee opinto-ohjaajan tai koulutuskoordinaattorin ohjaukseen.
2. Koulutusvaihtoehdot kartoitetaan ja koulutuspolku suunnitellaan: työvoima- ja rekrykoulutus, oppisopimus, ammattiosaamisen kartoitusjakso, perustutkinnot ja osatutkinnot, osaamisen päivittäminen ja räätälöinti työhön.
3. Opintopolku alkaa Savon ammattiopistossa, muussa ammatillisessa oppilaitoksessa tai korkeakoulussa.
4. Tukitoimet ja työvälineet katsotaan ennen opintoja, niiden aikana ja niiden päätyttyä. Työssäoppimisen jaksot sovitaan alueen työnantajien kanssa opintojen eri vaiheissa.
5. Jos työpaikkaa ei ole valmistuessa näköpiirissä, työnhakua tukevat kuntakokeilu ja palvelutori: ohjaamo, aikuisten ohjaus- ja neuvontapalvelut, nuorten työpolkuhanke ja yritysyhteistyökoordinaattorien työnantajaverkostot.

Asiakkaan tukena ovat opinto-ohjaaja, koulutuskoordinaattori, työllisyyspalvelukoordinaattori ja TE-asiantuntija. Palvelutorille voi myös vain tulla keskustelemaan.

# Hankkeet rinnalla

- **ALPO**: madaltaa kynnystä ammatillisiin opintoihin, tarkentaa alan valintaa ja kiinnittää opintoihin ratkaisukeskeisellä valmennuksella; kehittää myös tätä mallia.
- **AMOS**: maahanmuuttajien ammatillinen koulutus yhdessä koulutusorganisaatioiden, TE-palvelujen ja työllisyyspalvelun kanssa.
- **ASKEL** ja sen **TYTTI-valmennus**: tutustuminen ammatillisiin opintoihin työllistävillä aloilla.
""",
    "body_sv": """\
# Varför

Regeringen eftersträvade en sysselsättningsgrad på 75 procent, och dess reformer gav kommunerna en starkare roll. Kuopio ville bygga upp ett ekosystem för sysselsättningen tillsammans med arbetsgivare, arbets- och näringsförvaltningen, läroanstalter, serviceproducenter och tredje sektorn. Partnerskapsmodellen är en del av det.

Modellen ska göra vägen till kompetensutveckling smidigare för dem som saknar examen efter grundnivån, för dem som byter yrke och för arbetslösa som behöver uppdatera sin kompetens.

# Läget när kommunförsöket började

Försöket pågick 1.1.2021–30.6.2023. Kunderna var 6 273. Av dem sökte uppskattningsvis 2 206, det vill säga 35 %, utveckling av sin kompetens. Nästan 1 400 saknade helt examen efter grundnivån. I Kuopioområdet var 40 % under 30 år.

# Så går kunden vidare

1. Kunden kommer till studiehandledarens eller utbildningskoordinatorns vägledning.
2. Utbildningsalternativen kartläggs och studievägen planeras.
3. Studierna börjar vid Savon ammattiopisto, en annan yrkesläroanstalt eller en högskola.
4. Stödet ses över före, under och efter studierna. Perioder på arbetsplats ordnas med arbetsgivare i området.
5. Den som inte har arbete i sikte efter examen får stöd i jobbsökningen.
""",
    "lessons_fi": """\
- Nivelvaiheisiin ja tiedon siirtoon kannattaa panostaa: tiiviissä ja ketterässä yhteistyössä asiakas ei tipahda vaiheiden väliin ja polku etenee tavoitteen mukaan.
- Motivointi on kaikkien työtä. Seuranta ja eteneminen kuuluvat molemmille organisaatioille, prosessivastuu yhdelle.
- Asiakas on keskiössä ja tulee oman opintopolkunsa asiantuntijaksi.
""",
    "lessons_sv": """\
- Satsa på övergångarna och på hur informationen förs vidare: i ett tätt och smidigt samarbete faller kunden inte mellan skedena.
- Alla motiverar. Uppföljningen hör till båda organisationerna, ansvaret för processen till en.
- Kunden står i centrum och blir expert på sin egen studieväg.
""",
    "cost_fi": "Savon ammattiopiston toimet ja rahallinen panostus on kuvattu lähteen liitteessä 1B, jota tässä portaalissa ei ole. Muiden osuuksia lähde ei kerro.",
    "cost_sv": "Savon ammattiopistos åtgärder och ekonomiska insats beskrivs i källans bilaga 1B, som inte finns i den här portalen. De övrigas andelar nämns inte i källan.",
}

# Organisation or unit by its identifier, or None and its name; what it does and what it gives, in Finnish and in Swedish.
PARTNERS = (
    ("organisation", "kuopion-tyollisyyspalvelu",
     "Vastaa asiakkaan prosessista. Koulutuskoordinaattori ja työllisyyspalvelukoordinaattori ohjaavat, yritysyhteistyökoordinaattorit avaavat työnantajaverkostonsa. Kuvioissa siniset kolmiot ja kohdat.",
     "Ansvarar för kundens process. Utbildningskoordinatorn och sysselsättningskoordinatorn vägleder, koordinatorerna för företagssamarbete öppnar sina nätverk av arbetsgivare.",
     "Syksyllä 2020 koulutuskoordinaattori", "Hösten 2020 en utbildningskoordinator"),
    ("unit", "savon-ammattiopisto",
     "Opinto-ohjaaja ohjaa asiakkaita, oppilaitos järjestää koulutuksen ja sopii työssäoppimisen jaksot työnantajien kanssa. ALPO-hankkeessa hankepäällikkö ja hanketyöntekijä; TYTTI-valmennusta vetää yksi lehtoreista. Kuviossa 1 keltaiset kolmiot.",
     "Studiehandledaren vägleder kunder, läroanstalten ordnar utbildningen och kommer överens med arbetsgivare om perioder på arbetsplats. I projektet ALPO en projektchef och en projektarbetare; TYTTI-coachningen leds av en av lektorerna.",
     "Syksyllä 2020 opinto-ohjaaja; rahallinen panostus lähteen liitteessä 1B", "Hösten 2020 en studiehandledare; den ekonomiska insatsen i källans bilaga 1B"),
    ("organisation", "savon-koulutuskuntayhtyma",
     "On valmistellut ja kokeillut mallia kaupungin kanssa. AMOS-hanke kehittää maahanmuuttajien ammatillista koulutusta.",
     "Har berett och prövat modellen tillsammans med staden. Projektet AMOS utvecklar yrkesutbildningen för invandrare.", "", ""),
    ("organisation", "te-palvelut",
     "TE-asiantuntijan tuki, ohjaus ja neuvonta. Kuviossa 2 punaiset kohdat. Tehtävät siirtyivät työllisyysalueille 1.1.2025.",
     "Stöd, vägledning och rådgivning av arbets- och näringstjänsternas expert. Uppgifterna övergick till sysselsättningsområdena 1.1.2025.", "", ""),
    ("unit", "palvelutori",
     "Paikka, jossa kaupunki ja koulutuskuntayhtymä tekevät työtä yhdessä ja johon voi tulla keskustelemaan.",
     "Stället där staden och samkommunen arbetar tillsammans och dit man kan komma för att tala.", "", ""),
    (None, "Alueen työnantajat", "Tarjoavat työssäoppimisen jaksoja opintojen eri vaiheissa.", "Erbjuder perioder på arbetsplats i olika skeden av studierna.", "", ""),
    (None, "Muut ammatilliset oppilaitokset ja korkeakoulut", "Ottavat vastaan asiakkaita, joiden polku vie niihin.", "Tar emot kunder vilkas väg leder till dem.", "", ""),
)  # fmt: skip

EDUCATION_FORMS = ("vocational", "higher")
# Number of the goal, how it is served.
GOALS = (
    (1, "Työttömän tie koulutukseen lyhenee, kun ohjaus, vaihtoehdot ja tuki ovat samassa paikassa.", "Vägen till utbildning blir kortare när vägledning, alternativ och stöd finns på samma ställe."),
    (3, "Koulutus räätälöidään työelämän tarpeeseen, ja työnantajat ovat mukana työssäoppimisessa.", "Utbildningen skräddarsys efter arbetslivets behov, och arbetsgivarna deltar i lärandet på arbetsplatsen."),
)
STATUS, SINCE = "trial", date(2021, 1, 1)
# The last day of the time that the source tells of: what has become of it since is for its people to say.
CHECK_BY = date(2023, 6, 30)
