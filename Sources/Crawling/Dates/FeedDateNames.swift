/// Names of months, zones and halves of the day, in lower case.
enum FeedDateNames {
    /// The month, 1 to 12, that a word names in one of the languages known; English is also known by its first three
    /// letters.
    static func month(_ name: String) -> Int? {
        if let month = months[name] { return month }
        guard name.utf8.count > 3, name.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        guard let month = months[String(name.prefix(3))], full[month - 1].hasPrefix(name) else { return nil }
        return month
    }

    private static let full = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
        "december",
    ]

    private static let months: [String: Int] = {
        var table: [String: Int] = [:]
        for (index, names) in byMonth.enumerated() {
            for name in names.split(separator: " ") where table[String(name)] == nil { table[String(name)] = index + 1 }
        }
        return table
    }()

    /// One line a month: English, German, French, Spanish, Italian, Portuguese, Dutch, Scandinavian, Polish, Czech,
    /// Hungarian, Romanian, Turkish, Finnish, Indonesian, Croatian, Russian, Ukrainian, Greek.
    private static let byMonth = [
        "jan january januar jänner jän janvier janv enero ene gennaio gen janeiro januari stycznia sty stycznień ledna "
            + "január ianuarie ian ocak oca tammikuu tammikuuta siječnja январь января янв січень січня січ ιανουάριος "
            + "ιανουαρίου ιαν",
        "feb february februar février févr fév febrero febbraio fevereiro fev februari lutego lut února február "
            + "februarie şubat şub helmikuu helmikuuta veljače февраль февраля фев лютий лютого лют φεβρουάριος φεβρουαρίου "
            + "φεβ φεβρ",
        "mar march märz mär mrz mars marzo março maart mrt marts marca března március márc martie mart maaliskuu "
            + "maaliskuuta maret ožujka март марта мар березень березня бер μάρτιος μαρτίου μάρ μαρ μάρτ",
        "apr april avril avr abril abr aprile kwietnia kwi dubna április ápr aprilie nisan nis huhtikuu huhtikuuta "
            + "travnja апрель апреля апр квітень квітня кві απρίλιος απριλίου απρ",
        "may mai mayo maggio mag maio mei maj maja května május máj mayıs toukokuu toukokuuta svibnja май мая травень "
            + "травня тра μάιος μαΐου μάϊ μαϊ μάι μαι",
        "jun june juni juin junio giugno giu junho czerwca cze června června június jún iunie iun haziran haz kesäkuu "
            + "kesäkuuta lipnja июнь июня июн червень червня чер ιούνιος ιουνίου ιούν ιουν",
        "jul july juli juillet juil julio luglio lug julho lipca lip července július júl iulie iul temmuz tem heinäkuu "
            + "heinäkuuta srpnja июль июля июл липень липня лип ιούλιος ιουλίου ιούλ ιουλ",
        "aug august août aoû aout agosto ago augustus augusti sierpnia sie srpna augusztus ağustos ağu elokuu elokuuta "
            + "agustus agu kolovoza август августа авг серпень серпня сер αύγουστος αυγούστου αύγ αυγ",
        "sep sept september septembre septiembre setiembre settembre set setembro września wrz září szeptember szept "
            + "septembrie eylül eyl syyskuu syyskuuta rujna сентябрь сентября сен сент вересень вересня вер σεπτέμβριος "
            + "σεπτεμβρίου σεπ σεπτ",
        "oct october oktober okt octobre octubre ottobre ott outubro out października paź října október octombrie ekim "
            + "eki lokakuu lokakuuta listopada октябрь октября окт жовтень жовтня жов οκτώβριος οκτωβρίου οκτ",
        "nov november novembre noviembre novembro listopadu lis noiembrie noi kasım kas marraskuu "
            + "marraskuuta studenoga ноябрь ноября ноя нояб листопад νοέμβριος νοεμβρίου νοέ νοε",
        "dec december dezember dez décembre déc diciembre dic dicembre dezembro desember des grudnia gru prosince "
            + "december decembrie aralık ara joulukuu joulukuuta prosinca декабрь декабря дек грудень грудня гру "
            + "δεκέμβριος δεκεμβρίου δεκ",
    ]

    /// Whether a word means the afternoon.
    static let halfDay: [String: Bool] = [
        "am": false, "a.m": false, "a.m.": false, "pm": true, "p.m": true, "p.m.": true, "오전": false, "오후": true,
        "上午": false, "下午": true, "午前": false, "午後": true, "πμ": false, "μμ": true,
    ]

    /// How long an English ordinal's suffix behind digits is, `nil` when there is none.
    static func ordinalSuffix(_ word: ArraySlice<Unicode.Scalar>) -> Int? {
        let suffix = String(String.UnicodeScalarView(word.suffix(2)))
        return ["st", "nd", "rd", "th"].contains(suffix) ? 2 : nil
    }

    /// Seconds east of UTC. Names that several countries share stand for the one that feeds use most.
    static let zones: [String: Int] = {
        var table: [String: Int] = [:]
        for (quarters, names) in byQuarterHour {
            for name in names.split(separator: " ") { table[String(name)] = quarters * 900 }
        }
        return table
    }()

    /// Zones by their offset in quarters of an hour.
    private static let byQuarterHour: [(Int, String)] = [
        (0, "z ut utc gmt wet uct zulu"), (4, "bst cet met mez wat west"), (8, "cest mest mesz eet sast cat"),
        (12, "eest msk eat trt"), (14, "irst"), (16, "gst msd samt"), (18, "irdt aft"), (20, "pkt uzt yekt"),
        (22, "ist"), (23, "npt"), (24, "bdt almt omst"), (26, "mmt"), (28, "ict wib krat"),
        (32, "hkt sgt awst wita pht myt irkt"), (36, "jst kst wit"), (38, "acst"), (40, "aest vlat"), (42, "acdt"),
        (44, "aedt"), (48, "nzst"), (52, "nzdt"), (-4, "azot"), (-12, "brt art adt uyt"), (-10, "ndt"), (-14, "nst"),
        (-16, "ast edt at clt bot"), (-20, "est cdt et cot pet ect"), (-24, "cst mdt ct"), (-28, "mst pdt mt"),
        (-32, "pst akdt pt"), (-36, "akst hdt"), (-40, "hst"),
    ]
}
