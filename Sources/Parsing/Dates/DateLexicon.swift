/// The words of the date grammar: months, weekdays, zones and connectors of the languages that news are written in.
///
/// All look-ups take words as ``DateTokenizer`` folds them. Words of different languages share one table; the few that mean
/// different months in different languages are told apart by the language hint.
enum DateLexicon {
    /// Solar Hijri months are numbered from 101.
    static let solarHijriBase = 100

    /// The month that a word names, 1 to 12, or 101 to 112 for a month of the Solar Hijri calendar.
    static func month(_ word: String, language: String?) -> Int? {
        if let language, let special = monthsByLanguage[language]?[word] { return special }
        return months[word]
    }

    static func isWeekday(_ word: String) -> Bool { weekdays.contains(word) }

    static let months: [String: Int] = {
        var table: [String: Int] = [:]
        for line in monthLines {
            for (index, names) in line.split(separator: "|", omittingEmptySubsequences: false).enumerated() {
                for name in names.split(separator: " ") {
                    table[TextScalars.folded(String(name)), default: index + 1] = index + 1
                }
            }
        }
        for (index, names) in solarHijriMonths.split(separator: "|").enumerated() {
            for name in names.split(separator: " ") {
                table[TextScalars.folded(String(name))] = solarHijriBase + index + 1
            }
        }
        return table
    }()

    /// Months of two words, as the words joined by a space.
    static let twoWordMonths: [String: Int] = [
        "كانون الثاني": 1, "تشرين الاول": 10, "تشرين الثاني": 11, "كانون الاول": 12,
    ]

    private static let monthsByLanguage: [String: [String: Int]] = {
        let croatian = ["listopad": 10, "listopada": 10, "lis": 10]
        return ["hr": croatian, "bs": croatian, "ms": ["mac": 3]]
    }()

    /// One line per language or group, months divided by `|`. An earlier line never loses a word to a later one.
    private static let monthLines: [String] = [
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sept sep|october oct"
            + "|november nov|december dec",
        "januar jänner jän|februar feber|märz mär mrz|april|mai|juni|juli|august|september|oktober okt|november"
            + "|dezember dez",
        "janvier janv|février févr fév|mars|avril avr|mai|juin|juillet juil|août|septembre|octobre|novembre|décembre déc",
        "enero ene|febrero|marzo|abril abr|mayo|junio|julio|agosto ago|septiembre setiembre set|octubre|noviembre"
            + "|diciembre dic",
        "gennaio gen|febbraio febbr|marzo|aprile|maggio mag|giugno giu|luglio lug|agosto|settembre sett|ottobre ott"
            + "|novembre|dicembre",
        "janeiro|fevereiro fev|março|abril|maio|junho|julho|agosto|setembro|outubro out|novembro|dezembro",
        "januari|februari|maart mrt|april|mei|juni|juli|augustus|september|oktober|november|december",
        "января январь янв|февраля февраль фев февр|марта март мар|апреля апрель апр|мая май|июня июнь июн|июля июль июл"
            + "|августа август авг|сентября сентябрь сен сент|октября октябрь окт|ноября ноябрь ноя нояб|декабря декабрь дек",
        "січня січень січ|лютого лютий лют|березня березень бер|квітня квітень квіт|травня травень трав"
            + "|червня червень черв|липня липень лип|серпня серпень серп|вересня вересень вер|жовтня жовтень жовт"
            + "|листопада листопад лист|грудня грудень груд",
        "студзеня студзень|лютага люты|сакавіка сакавік|красавіка красавік|мая|чэрвеня чэрвень|ліпеня ліпень"
            + "|жніўня жнівень|верасня верасень|кастрычніка кастрычнік|лістапада лістапад|снежня снежань",
        "януари|февруари|март|април|май|юни|юли|август|септември|октомври|ноември|декември",
        "јануар јануара|фебруар фебруара|март марта|април априла|мај маја|јун јуна|јул јула|август августа"
            + "|септембар септембра|октобар октобра|новембар новембра|децембар децембра",
        "қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша|желтоқсан",
        "stycznia styczeń sty|lutego luty lut|marca marzec|kwietnia kwiecień kwi|maja maj|czerwca czerwiec cze"
            + "|lipca lipiec lip|sierpnia sierpień sie|września wrzesień wrz|października październik paź"
            + "|listopada listopad lis|grudnia grudzień gru",
        "ledna leden|února únor|března březen|dubna duben|května květen|června červen|července červenec|srpna srpen"
            + "|září|října říjen|listopadu|prosince prosinec",
        "januára január|februára február|marca marec|apríla|mája máj|júna jún|júla júl|augusta|septembra|októbra október"
            + "|novembra|decembra",
        "siječnja siječanj sij|veljače veljača velj|ožujka ožujak ožu|travnja travanj tra|svibnja svibanj svi"
            + "|lipnja lipanj|srpnja srpanj srp|kolovoza kolovoz kol|rujna rujan ruj||studenoga studenog studeni stu"
            + "|prosinca prosinac pro",
        "januara|februara|marta|aprila|maja|juna|jula|avgusta avgust|septembra|oktobra|novembra|decembra decembar",
        "januarja|februarja|marec|aprila|maja|junija junij|julija julij||septembra|oktobra|novembra|decembra",
        "ocak oca|şubat şub|mart|nisan nis|mayıs|haziran haz|temmuz tem|ağustos ağu|eylül eyl|ekim eki|kasım kas"
            + "|aralık ara",
        "yanvar|fevral|mart|aprel|may|iyun|iyul|avqust|sentyabr|oktyabr|noyabr|dekabr",
        "yanvar|fevral|mart|aprel|may|iyun|iyul|avgust|sentabr|oktabr|noyabr|dekabr",
        "يناير جانفي|فبراير فيفري شباط|مارس آذار|أبريل إبريل أفريل نيسان|مايو ماي أيار|يونيو يونيه جوان حزيران"
            + "|يوليو يوليه جويلية تموز|أغسطس أوت آب|سبتمبر أيلول|أكتوبر|نوفمبر|ديسمبر",
        "ژانویه|فوریه|مارس|آوریل|مه می|ژوئن|ژوئیه جولای|اوت آگوست|سپتامبر|اکتبر|نوامبر|دسامبر",
        "جنوری|فروری|مارچ|اپریل|مئی|جون|جولائی|اگست|ستمبر|اکتوبر|نومبر|دسمبر",
        "ינואר|פברואר|מרץ מרס|אפריל|מאי|יוני|יולי|אוגוסט|ספטמבר|אוקטובר|נובמבר|דצמבר",
        "בינואר|בפברואר|במרץ במרס|באפריל|במאי|ביוני|ביולי|באוגוסט|בספטמבר|באוקטובר|בנובמבר|בדצמבר",
        "जनवरी|फरवरी फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर सितम्बर|अक्टूबर अक्तूबर|नवंबर नवम्बर|दिसंबर दिसम्बर",
        "জানুয়ারি জানুয়ারি|ফেব্রুয়ারি ফেব্রুয়ারি|মার্চ|এপ্রিল|মে|জুন|জুলাই|আগস্ট|সেপ্টেম্বর|অক্টোবর|নভেম্বর|ডিসেম্বর",
        "januari|februari pebruari|maret|april|mei|juni|juli|agustus agt agu|september|oktober|november|desember des",
        "januar|februar|mars|april|maj|juni|juli|augusti|september|oktober|november|december",
        "tammikuuta tammikuu|helmikuuta helmikuu|maaliskuuta maaliskuu|huhtikuuta huhtikuu|toukokuuta toukokuu"
            + "|kesäkuuta kesäkuu|heinäkuuta heinäkuu|elokuuta elokuu|syyskuuta syyskuu|lokakuuta lokakuu"
            + "|marraskuuta marraskuu|joulukuuta joulukuu",
        "ιανουαρίου ιανουάριος ιαν|φεβρουαρίου φεβρουάριος φεβ|μαρτίου μάρτιος μαρ|απριλίου απρίλιος απρ|μαΐου μάιος μαι"
            + "|ιουνίου ιούνιος ιουν|ιουλίου ιούλιος ιουλ|αυγούστου αύγουστος αυγ|σεπτεμβρίου σεπτέμβριος σεπ"
            + "|οκτωβρίου οκτώβριος οκτ|νοεμβρίου νοέμβριος νοε|δεκεμβρίου δεκέμβριος δεκ",
        "január|február febr|március márc|április ápr|május máj|június jún|július júl|augusztus|szeptember szept"
            + "|október|november|december",
        "ianuarie ian|februarie|martie|aprilie|mai|iunie iun|iulie iul|august|septembrie|octombrie|noiembrie noi"
            + "|decembrie",
        "jaanuar|veebruar|märts|aprill|mai|juuni|juuli|august|september|oktoober|november|detsember",
        "janvāris janvārī|februāris februārī|marts martā|aprīlis aprīlī|maijs maijā|jūnijs jūnijā|jūlijs jūlijā"
            + "|augusts augustā|septembris septembrī|oktobris oktobrī|novembris novembrī|decembris decembrī",
        "sausio|vasario|kovo|balandžio|gegužės|birželio|liepos|rugpjūčio|rugsėjo|spalio|lapkričio|gruodžio",
        "janar|shkurt|mars|prill|maj|qershor|korrik|gusht|shtator|tetor|nëntor|dhjetor",
        "gener|febrer|març|abril|maig|juny|juliol|agost|setembre|octubre|novembre|desembre",
        "იანვარი იანვარს|თებერვალი თებერვალს|მარტი მარტს|აპრილი აპრილს|მაისი მაისს|ივნისი ივნისს|ივლისი ივლისს"
            + "|აგვისტო აგვისტოს|სექტემბერი სექტემბერს|ოქტომბერი ოქტომბერს|ნოემბერი ნოემბერს|დეკემბერი დეკემბერს",
        "հունվարի հունվար|փետրվարի փետրվար|մարտի մարտ|ապրիլի ապրիլ|մայիսի մայիս|հունիսի հունիս|հուլիսի հուլիս"
            + "|օգոստոսի օգոստոս|սեպտեմբերի սեպտեմբեր|հոկտեմբերի հոկտեմբեր|նոյեմբերի նոյեմբեր|դեկտեմբերի դեկտեմբեր",
        "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม",
        "januari|februari|||mei|jun|julai|ogos|september|oktober|november|disember",
        "јануари|февруари|март|април|мај|јуни|јули|август|септември|октомври|ноември|декември",
        "xaneiro|febreiro|marzo|abril|maio|xuño|xullo|agosto|setembro|outubro|novembro|decembro",
        "जानेवारी|फेब्रुवारी|मार्च|एप्रिल|मे|जून|जुलै|ऑगस्ट|सप्टेंबर|ऑक्टोबर|नोव्हेंबर|डिसेंबर",
        "ஜனவரி|பிப்ரவரி|மார்ச்|ஏப்ரல்|மே|ஜூன்|ஜூலை|ஆகஸ்ட் ஆகஸ்டு|செப்டம்பர்|அக்டோபர்|நவம்பர்|டிசம்பர்",
        "జనవరి|ఫిబ్రవరి|మార్చి|ఏప్రిల్|మే|జూన్|జులై జూలై|ఆగస్టు|సెప్టెంబర్ సెప్టెంబరు|అక్టోబర్ అక్టోబరు|నవంబర్ నవంబరు"
            + "|డిసెంబర్ డిసెంబరు",
    ]

    /// Months that are abbreviated by two letters with stops, without those.
    static let dottedMonths: [String: Int] = {
        let names = "ม ค|ก พ|มี ค|เม ย|พ ค|มิ ย|ก ค|ส ค|ก ย|ต ค|พ ย|ธ ค"
        return Dictionary(
            uniqueKeysWithValues: names.split(separator: "|").enumerated().map { (String($0.element), $0.offset + 1) })
    }()

    private static let solarHijriMonths =
        "فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند"

    static let weekdays: Set<String> = foldedSet(
        """
        monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
        montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
        lundi mardi mercredi jeudi vendredi samedi dimanche lun mer jeu ven sam dim
        lunes martes miércoles jueves viernes sábado domingo mar mié jue vie sáb dom
        lunedì martedì mercoledì giovedì venerdì sabato domenica gio
        segunda terça quarta quinta sexta feira seg ter qua qui sex
        maandag dinsdag woensdag donderdag vrijdag zaterdag zondag ma wo vr za zo
        понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс
        понеділок вівторок середа четвер пʼятниця субота неділя нд
        poniedziałek wtorek środa czwartek piątek sobota niedziela pon wt śr czw pt sob niedz
        pondělí úterý středa čtvrtek pátek neděle pazartesi salı çarşamba perşembe cuma cumartesi pazar
        الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد دوشنبه سه‌شنبه چهارشنبه پنجشنبه جمعه شنبه یکشنبه
        måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
        maanantaina tiistaina keskiviikkona torstaina perjantaina lauantaina sunnuntaina ma ti ke to pe la su
        δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή hétfő kedd szerda csütörtök péntek szombat vasárnap
        luni marți miercuri joi vineri sâmbătă duminică senin selasa rabu kamis jumat sabtu minggu
        सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार 월요일 화요일 수요일 목요일 금요일 토요일 일요일
        """)

    /// Words that may stand between a day, a month and a year, or between a date and its time.
    static let connectors: Set<String> = foldedSet(
        """
        of the de del della di du d l le el al den der dem am on at um à a as às las les ore ora orario alle alla h hs
        в о об at kl klo klokken kello om saat saatı godz godzina o g v ve ob u în la at time time: ngày lúc pukul jam
        года год г году рік року р roku r року г. m gada gadā година năm 的 în часов الساعة في عام سنة ساعت
        בשעה בתאריך yil ilin il ildə cü cı cu ci день dne dia día vers ώρα στις de: της του
        """)

    /// Words of forenoon (`false`) and afternoon (`true`).
    static let meridiems: [String: Bool] = {
        var table: [String: Bool] = [:]
        for word in ["am", "ق", "ص", "صباحا", "오전", "pagi", "sa"] { table[TextScalars.folded(word)] = false }
        for word in ["pm", "م", "مساء", "오후", "بعدازظهر", "ch", "chieu"] { table[TextScalars.folded(word)] = true }
        return table
    }()

    /// Minutes east of UTC by the zone's name; names with several meanings stand for the one most used in news.
    static let zones: [String: Int] = [
        "z": 0, "utc": 0, "gmt": 0, "ut": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "met": 60, "mez": 60,
        "cest": 120,
        "mest": 120, "mesz": 120, "eet": 120, "sast": 120, "cat": 120, "eest": 180, "msk": 180, "мск": 180, "trt": 180,
        "ast": 180, "eat": 180, "wat": 60, "gst": 240, "azt": 240, "amt": 240, "get": 240, "samt": 240, "irst": 210,
        "pkt": 300, "uzt": 300, "ist": 330, "npt": 345, "almt": 300, "wib": 420, "ict": 420, "wita": 480, "sgt": 480,
        "hkt": 480, "myt": 480, "pht": 480, "awst": 480, "wit": 540, "jst": 540, "kst": 540, "acst": 570, "aest": 600,
        "aedt": 660, "nzst": 720, "nzdt": 780, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
        "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180,
        "clt": -240, "cot": -300, "pet": -300, "nst": -210,
    ]

    /// Standard offset in minutes of the North American zones that do not say whether daylight time holds.
    static let americanZones: [String: Int] = ["et": -300, "ct": -360, "mt": -420, "pt": -480]

    static func foldedSet(_ words: String) -> Set<String> {
        Set(words.split(whereSeparator: \.isWhitespace).map { TextScalars.folded(String($0)) })
    }
}
