/// Texts written for these tests.
enum SampleTexts {
    static let dam = """
        The reservoir above the town of Karsund was lowered by two metres on Tuesday after divers found a crack in the foot of \
        the dam, the water company said. About four hundred people who live along the river were asked to sleep elsewhere \
        until engineers have finished their inspection.

        The crack is nine metres long and as wide as a hand, according to the company's chief engineer, Solveig Braathen. She \
        said that the dam was not in danger of breaking. “We would rather lower the water today than explain ourselves \
        tomorrow,” she told reporters at the school gymnasium, where the Red Cross had set up beds.

        The dam was built in 1958 and repaired in 1983. Its owner had asked for permission to renew the foot in the spring, \
        but the county wanted to hear from anglers first. The mayor, Odd Kvamme, called that decision a mistake.

        Farmers downstream moved their sheep to higher ground during the night. The railway between Karsund and the coast is \
        closed, and buses take the passengers over the mountain road. The inspection is expected to last until Friday.
        """

    /// The same affair in other words.
    static let damByAnother = """
        Residents below the Karsund dam spent a second night in a gymnasium on Wednesday while engineers with lamps and \
        hammers searched the concrete for further damage. The county governor said nobody could go home before Friday.

        Chief engineer Solveig Braathen repeated that the structure would hold. Her divers discovered the nine-metre crack \
        during a routine check. Mayor Odd Kvamme, whose own house stands beside the river, demanded to know why the repair of \
        the dam, first proposed in spring, had been put off so that anglers could be heard.

        The water behind the wall has sunk by two metres. The Red Cross handed out blankets and waffles in Karsund.
        """

    /// The same affair in German.
    static let damInGerman = """
        Nach dem Fund eines Risses im Staudamm von Karsund haben rund 400 Menschen ihre Häuser verlassen. Chefingenieurin \
        Solveig Braathen sagte, der 1958 gebaute Damm halte. Taucher hatten am Dienstag einen neun Meter langen Riss entdeckt.

        Bürgermeister Odd Kvamme kritisierte, dass die 1983 zuletzt reparierte Mauer nicht früher erneuert worden sei. Das \
        Rote Kreuz stellte in Karsund Betten auf.
        """

    /// Another affair of the same kind.
    static let otherDam = """
        Protesters chained themselves to excavators in the Upper Tesva valley on Tuesday to stop the building of a dam that \
        would flood three villages and a monastery of the twelfth century. Police cut the chains and carried off 61 people.

        The power company Hidrotesva says that the station would give electricity to 200,000 homes. Opponents, led by the \
        biologist Mirjana Dulić, point out that a rare trout lives nowhere else. “You can move a monastery, stone by stone,” \
        she said. “Nobody has ever moved a trout and its river.”

        A court in the capital is to decide on the permit in March. Until then trees must not be felled, but the company has \
        begun to build roads.
        """

    /// A council's ruling.
    static let ferry = """
        The island council of Ostrava Bay voted on Monday to end the night ferry to Port Emmer from January. Councillor Hilde \
        Marrow said that the night ferry lost 40,000 crowns a month, and that the islanders had stopped using it. The shipping \
        line Emmer Star, which runs the ferry under a contract of 2019, asked for a subsidy of 900 crowns a crossing.
        """

    /// The same affair and the strike at once.
    static let ferryBridge = """
        The night ferry to Port Emmer is to end in January, and the crews of Emmer Star are on strike. Councillor Hilde Marrow \
        defended the vote of the island council: the ferry lost 40,000 crowns a month. Boatswain Jonas Quill, who leads the \
        union of deckhands, answered that forty sailors would lose their pay before the winter. The deckhands blocked the \
        quay with their own cars and burned pallets.
        """

    /// The strike alone.
    static let ferryAside = """
        Forty deckhands blocked the quay with their cars and burned pallets through the night. Boatswain Jonas Quill, leader \
        of the union of deckhands, said the sailors would not move before their pay for the winter was safe. Emmer Star \
        called the strike unlawful.
        """

    /// Another vote of the same council, a year later.
    static let ferryLater = """
        The island council of Ostrava Bay voted on Friday to bring a night ferry back, to Lower Sund. Councillor Hilde Marrow \
        said that the islanders missed it. Emmer Star offered a boat for 700 crowns a crossing, and the council asked for a \
        second offer. Schools and the clinic had called for the crossing.
        """

    static let chess = """
        A retired bus driver has won the national chess championship for players without a rating at the age of 82. Ambrose \
        Tully, who learned the game from a passenger on route 14, drew his last game after six hours and 104 moves.

        He celebrated with a cheese roll. His opponent, the eleven-year-old Priti Nair, offered him a rematch in the summer \
        holidays. “She will win that one,” Tully said, “because she does her homework.”
        """

    /// The sentences of a text, for making edited copies.
    static func sentences(_ text: String) -> [String] {
        text.split(separator: ". ").map { $0 + "." }
    }

    /// A text of so many words that are nowhere repeated.
    static func noise(words: Int, seed: Int) -> String {
        (0..<words).map { "w\(seed)x\($0)" }.joined(separator: " ")
    }
}
