"""What the text of the source says of the two figures, step by step, in its own words.

Source: "Kuopion kaupungin ja Savon koulutuskuntayhtymän kumppanuusmalli". Its drawings were not available to us, so a
colour that the text does not give is inferred, and so is a step that the text does not name; both say so.
"""
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from guidance.choices import OptionKind, Part, Stage

E, C, TE = Part.EMPLOYMENT, Part.COLLEGE, Part.TE


@dataclass(frozen=True)
class Step:
    """A stage as Kuvio 1 has it; whose it is, the partnership says. `side`: a step beside the straight way, that not everyone takes.

    `colour_inferred`: the source's text does not say whose (`choices.SOURCE_STAGE_PARTS`).
    """

    stage: str
    quote: str = ""
    colour_inferred: bool = False
    side: bool = False

    @property
    def inferred(self) -> bool:
        return not self.quote


@dataclass(frozen=True)
class Phase:
    """Support is for before, during and after studies; the phase begins with `first`."""

    first: str
    title: Promise
    support: Promise


@dataclass(frozen=True)
class Band:
    """What is no step but goes on all the way."""

    title: Promise
    parts: tuple[str, ...]
    quote: str


@dataclass(frozen=True)
class Adviser:
    title: Promise
    part: str
    colour_inferred: bool = False


KUVIO_1: tuple[Step, ...] = (
    Step(Stage.REGISTERED, colour_inferred=True),
    Step(Stage.IDENTIFICATION, "tunnistaa ja ratkaista asiakkaiden yksilölliset palvelutarpeet, työllistymisen esteet sekä osaamisen kehittämistarpeet", colour_inferred=True),
    Step(Stage.REFERRAL, "Asiakas ohjautuu opinto-ohjaajan tai koulutuskoordinaattorin kautta"),
    Step(Stage.MAPPING, "eri koulutusvaihtoehtojen kartoitukseen"),
    Step(Stage.PLANNING, "erilaisten koulutuspolkujen suunnitteluun"),
    Step(Stage.SUPPORT_BEFORE, "tarvittavat tukitoimet ja työvälineet ennen opintoja", colour_inferred=True, side=True),
    Step(Stage.STARTING, "tavoitteena opintopolun alkuun starttaaminen", colour_inferred=True),
    Step(Stage.STUDYING, "[tukitoimet ja työvälineet] opintojen aikana", colour_inferred=True),
    Step(Stage.WORKPLACE_LEARNING, "Savon ammattiopisto tekee yhteistyötä alueen työnantajien kanssa työssäoppisjaksojen toteuttamiseksi", colour_inferred=True, side=True),
    Step(Stage.GRADUATED, "Kun opiskelija valmistuu", colour_inferred=True),
    Step(Stage.JOB_SEARCH_SUPPORT, "jos työpaikka ei ole näköpiirissä, niin asiakas saa tukea työnhakuun kuntakokeilusta tai työllisyyden palvelutorilta", colour_inferred=True),
    Step(Stage.INTERRUPTED, colour_inferred=True),
)

PHASES: tuple[Phase, ...] = (
    Phase(Stage.REGISTERED, _("Before studies"), _("Support and tools such as ALPO and TYTTI coaching, which the text describes apart from the figure")),
    Phase(Stage.STUDYING, _("During studies"), _("Support where the client studies, and employers for learning at a workplace")),
    Phase(Stage.GRADUATED, _("After studies"), _("Service square, Ohjaamo, guidance for adults, youth work path, employer contacts")),
)

BANDS: tuple[Band, ...] = (
    Band(_("Process responsibility"), (E,), "Asiakkaan prosessivastuu kuuluu työllisyyspalveluun"),
    Band(_("Motivating the client"), (C, E), "Asiakkaan motivointia tekevät kaikki yhdessä"),
    Band(_("Follow-up and progress"), (C, E), "asiakkaan seuranta ja eteneminen kuuluvat myös molemmille organisaatioille"),
)

# Each is drawn where the partnership has the part.
ADVISERS: tuple[Adviser, ...] = (
    Adviser(_("Guidance counsellor"), C, colour_inferred=True),
    Adviser(_("Education coordinator"), E),
    Adviser(_("Employment service coordinator"), E),
    Adviser(_("TE expert"), TE),
)

SUPPORT_QUOTE = "Asiakkaalla on käytössä opinto-ohjaajan, koulutuskoordinaattorin, työllisyyspalvelukoordinaattorin ja TE-asiantuntijan tuki, ohjaus ja neuvonta"
CONSIDER_QUOTE = "mietitään hänelle sopivia koulutus- ja uravaihtoehtoja tai kouluttautumista työnhaun tueksi"
SQUARE_QUOTE = "palvelutorille voi tulla keskustelemaan eri mahdollisuuksista osaamisen kehittämiseksi"
MAPPING_QUOTE = "Tavoitteena voi olla eri koulutusvaihtoehtojen selvitys ja kartoitus"

# Kuvio 2: under consideration, and the source's examples of what is found out and mapped.
CONSIDERED: tuple[str, ...] = (OptionKind.CAREER_ALTERNATIVE, OptionKind.STUDY_FOR_JOB_SEARCH)
MAPPED: tuple[str, ...] = (
    OptionKind.LABOUR_MARKET_TRAINING,
    OptionKind.RECRUITMENT_TRAINING,
    OptionKind.APPRENTICESHIP,
    OptionKind.COMPETENCE_ASSESSMENT,
    OptionKind.QUALIFICATION,
    OptionKind.PARTIAL_QUALIFICATION,
    OptionKind.UPDATING,
    OptionKind.TAILORING,
)
