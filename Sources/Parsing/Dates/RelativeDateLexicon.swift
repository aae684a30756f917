/// The words of relative dates: units, markers of the past, and names of days.
enum RelativeDateLexicon {
    enum Unit: Sendable { case second, minute, hour, day, week, month, year }

    static let units: [String: Unit] = {
        let lines: [(Unit, String)] = [
            (
                .second,
                """
                second seconds sec secs sekunde sekunden seconde secondes segundo segundos secondo secondi seconden сек секунд секунды секунду saniye saniyə ثانية ثوان 秒 초 초전 sekund sekunder sekuntia másodperce giây detik
                """
            ),
            (
                .minute,
                """
                minute minutes min mins m minuten minuut minuto minutos minuti минут минуты минуту мин хвилин хвилини хвилину
                хв minuty minut minutę dakika dk dəqiqə دقيقة دقائق دقیقه דקות דקה 分 分钟 分鐘 분 분전 मिनट menit phút minuter
                minutter minutt minuuttia min. λεπτά λεπτό minutami minutou perce percce de_minute минути 分間 minuta minúty minútami
                นาที นาทีที่แล้ว মিনিট منٹ நிமிடங்கள்
                """
            ),
            (
                .hour,
                """
                hour hours hr hrs h stunde stunden std heure heures hora horas ora ore uur uren час часа часов часа годину години
                годин год godzin godziny godzinę godz saat saatı ساعة ساعات ساعت שעות שעה 小时 小時 时 時間 시간 시간전 घंटे घंटा jam
                giờ tiếng timmar timme timer time tuntia tunti ώρες ώρα hodinami hodinou hodiny órája órával ore oră sata sati часове
                hodín ชั่วโมง ชั่วโมงที่แล้ว ঘণ্টা گھنٹے மணிநேரம்
                """
            ),
            (
                .day,
                """
                day days d tag tage tagen jour jours j día días dia dias giorno giorni gg dag dagen день дня дней дні днів
                dni dzień gün يوم أيام روز ימים יום 天 日 일 일전 दिन hari ngày dagar dage dager päivää päivä ημέρες μέρες ημέρα
                dny dnem napja nappal zile zi dňami dňom dana dan วัน วันที่แล้ว วันก่อน দিন دن நாட்கள் நாள்
                """
            ),
            (
                .week,
                """
                week weeks w wk wks woche wochen semaine semaines semana semanas settimana settimane weken неделю недели недель
                тиждень тижні тижнів tydzień tygodnie tygodni hafta həftə أسبوع أسابيع هفته שבוע שבועות 周 週間 주 हफ्ते
                minggu tuần veckor vecka uger uge uker uke viikkoa viikko εβδομάδες týdny týdnem hete săptămâni
                """
            ),
            (
                .month,
                """
                month months mo monat monate monaten mois mes meses mês mese mesi maand maanden месяц месяца месяцев місяць
                місяці місяців miesiąc miesiące miesięcy ay شهر أشهر ماه חודש חודשים 月 月前 个月 個月 か月 महीने bulan tháng månader
                måneder kuukautta μήνες měsíci hónapja luni
                """
            ),
            (
                .year,
                """
                year years yr yrs jahr jahre jahren an ans année années año años ano anos anno anni jaar год года лет рік роки
                років rok lata lat yıl il سنة سنوات سال שנה שנים 年 년 साल tahun năm år vuotta χρόνια lety éve ani
                """
            ),
        ]
        var table: [String: Unit] = [:]
        for (unit, words) in lines {
            for word in words.split(whereSeparator: \.isWhitespace) {
                let key = TextScalars.folded(String(word))
                if table[key] == nil { table[key] = unit }
            }
        }
        return table
    }()

    /// Units with their own dual form.
    static let duals: [String: Unit] = {
        var table: [String: Unit] = [:]
        for (word, unit) in [
            ("ساعتين", Unit.hour), ("يومين", .day), ("دقيقتين", .minute), ("أسبوعين", .week), ("شهرين", .month),
            ("שעתיים", .hour), ("יומיים", .day), ("שבועיים", .week), ("חודשיים", .month),
        ] { table[TextScalars.folded(word)] = unit }
        return table
    }()

    /// Words before the number that say "ago"; the empty number means one.
    static let prefixes: Set<String> = DateLexicon.foldedSet(
        "vor hace há منذ قبل לפני acum πριν před för for преди pred prije пре il_y_a")

    /// Words after the unit that say "ago".
    static let suffixes: Set<String> = DateLexicon.foldedSet(
        """
        ago fa atrás geleden назад тому temu önce əvvəl evvel پیش قبل 前 전 पहले lalu lepas trước sedan siden sitten ezelőtt ที่แล้ว ก่อน আগে پہلے முன்பு
        """)

    /// Suffixes that need no marker: the unit itself is in a case that says "ago".
    static let selfMarked: Set<String> = DateLexicon.foldedSet(
        "분전 시간전 일전 초전 perce órája napja hete hónapja éve นาทีที่แล้ว ชั่วโมงที่แล้ว วันที่แล้ว วันก่อน")

    /// Words for one.
    static let one: Set<String> = DateLexicon.foldedSet(
        "a an one eine einer einem einen une un una uno uma um een один одну одна bir en ett et egy o yksi ένα μία एक")

    /// Small numbers in words.
    static let numbers: [String: Int] = {
        let lines: [(Int, String)] = [
            (2, "two zwei deux dos due dois duas twee два две två to kaksi dwa dwie dva dvě"),
            (3, "three drei trois tres tre três drie три trzy tři"),
            (4, "four vier quatre cuatro quattro quatro четыре"),
            (5, "five fünf cinq cinco cinque vijf пять"), (6, "six sechs seis sei zes шесть"),
            (7, "seven sieben sept siete sette sete zeven семь"), (8, "eight acht huit ocho otto oito восемь"),
            (9, "nine neun neuf nueve nove negen девять"), (10, "ten zehn dix diez dieci dez tien десять"),
            (11, "eleven elf onze once undici"), (12, "twelve zwölf douze doce dodici doze twaalf"),
        ]
        var table: [String: Int] = [:]
        for (value, words) in lines {
            for word in words.split(separator: " ") { table[TextScalars.folded(String(word))] = value }
        }
        return table
    }()

    /// Days by name, as an offset from the reference day; phrases of several tokens are joined by a space.
    static let days: [String: Int] = {
        let lines: [(Int, String)] = [
            (
                0,
                """
                today;heute;aujourdhui;hoy;oggi;hoje;vandaag;сегодня;сьогодні;dzisiaj;dziś;dzis;bugün;bu gün;اليوم;امروز;היום;今 天;
                今 日;오늘;आज;hari ini;hôm nay;idag;i dag;tänään;σήμερα;dnes;azi;astăzi;днес;danas
                """
            ),
            (
                -1,
                """
                yesterday;gestern;hier;ayer;ieri;ontem;gisteren;вчера;вчора;wczoraj;dün;dünən;أمس;دیروز;אתמול;昨 天;昨 日;어제;कल;
                kemarin;hôm qua;igår;i går;eilen;χθες;včera;tegnap;ieri;вчера;jučer;juče
                """
            ),
            (-2, "vorgestern;avant hier;anteayer;antes de ayer;позавчера;позавчора;eergisteren;przedwczoraj;前 天;그제"),
        ]
        var table: [String: Int] = [:]
        for (offset, phrases) in lines {
            for phrase in phrases.split(separator: ";") {
                let words = phrase.split(whereSeparator: \.isWhitespace).map { TextScalars.folded(String($0)) }
                table[words.joined(separator: " ")] = offset
            }
        }
        return table
    }()

    /// Day words that are something else in another language: they need the language that they are given for.
    static let daysNeedingLanguage: [String: String] = ["hier": "fr", "कल": "hi"]

    /// Phrases for this very moment.
    static let now: Set<String> = [
        "just now", "gerade eben", "a linstant", "только что", "刚 刚", "方 才", "방금", "az once",
    ]
}
