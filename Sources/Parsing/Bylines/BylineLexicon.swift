/// The words that bylines are made of beside names. All folded as ``TextScalars/folded(_:)`` does.
enum BylineLexicon {
    /// Openings of a byline that need a name behind them.
    static let prefixes: [String] = sortedPhrases(
        """
        by; written by; story by; words by; text by; report by; reported by; reporting by; posted by; published by; article by;
        opinion by; analysis by; interview by; author; authors; author(s); byline; submitted by; compiled by; contributed by;
        von; text von; ein bericht von; eine analyse von; ein kommentar von; ein interview von; autor; autorin; autoren; text;
        par; auteur; auteurs; propos recueillis par; texte; por; escrito por; publicado por; texto; autora; autores; redactor;
        di; a cura di; autore; door; tekst; geschreven door; af; av; skrevet av; skrevet af; skribent; teksti; kirjoittaja;
        автор; авторы; автор статьи; текст; автори; беседовал; беседовала; беседу вел; беседу вела; подготовил; подготовила;
        od; napisal; napisala; autorzy; opracowal; opracowala; rozmawial; rozmawiala; napsal; szerzo; irta; yazan; yazar; haber;
        muellif; hazirladi; yazdi; oleh; penulis; tac gia; bai; bai va anh; de la; scris de; autorul; tou; tis; grafei o; grafei i;
        του; της; γραφει ο; γραφει η; συντακτης; بقلم; كتب; كتبت; كتبه; اعداد; الكاتب; نويسنده; نوشته; מאת; द्वारा; लेखक;
        ავტორი; հեղինակ; 文; 作者; 撰文; 記者; 记者; 本报记者; 文・; 글; 작성자
        """)

    /// Openings that name somebody who did not write the text.
    static let foreignPrefixes: [String] = sortedPhrases(
        """
        photo; photos; photo by; photos by; photograph; photograph by; photographs by; image; image by; images; picture; pictures by;
        illustration; illustration by; video; video by; editing by; edited by; additional reporting by; translated by; translation;
        fact-checked by; reviewed by; graphics by; graphic by; produced by; foto; fotos; foto von; bild; bilder; credit; credits;
        photo credit; image credit; фото; фотограф; редактор; фото автора; fotograf; zdjecia; photographie; credit photo; fotografia;
        fotografie; ubersetzt von; redaktion; traduccion; traduction; kuva; kuvat; fotograaf; illustratie; 图; 攝影; 摄影; 编辑; 編輯; 责任编辑
        """)

    /// Words of a list of names; in running case they count only in lower case.
    static let conjunctions: Set<String> = DateLexicon.foldedSet(
        "and und et y e и та і i oraz a og och ja en ve və va và dan și si és και و ו और with mit avec con met plus")

    /// Conjunctions that also stand inside surnames.
    static let weakConjunctions: Set<String> = ["y", "e", "i", "a", "en", "ja", "si", "va", "ve", "con", "met"]

    /// Parts of surnames that are written small.
    static let particles: Set<String> = DateLexicon.foldedSet(
        """
        van von der den de del della di da do dos das du la le los las ter ten te zu zum zur af av al el bin ibn bint ben abu
        y e i d l st vom auf der't 't dalla degli dei ul-haq ur ud
        """)

    /// Occupations: what stands beside a name, never a name.
    static let roles: Set<String> = DateLexicon.foldedSet(
        """
        correspondent correspondents reporter reporters editor editors writer writers columnist journalist journalists staff contributor
        contributors producer analyst author photographer intern freelancer anchor presenter host commentator critic blogger
        editor-in-chief professor fellow researcher lecturer bureau desk team newsroom editorial redaktion redakteur redakteurin
        korrespondent korrespondentin reporterin volontar volontarin autor autorin journalistin chefredakteur chefredakteurin
        chefreporter kolumnist redaction redacteur redactrice correspondante envoye envoyee speciale journaliste chroniqueur
        redaccion redactor redactora corresponsal periodista enviado enviada columnista redazione inviato inviata corrispondente
        giornalista redacao reporter jornalista correspondente colunista redactie verslaggever correspondente redaktionen
        редакция корреспондент корреспондентка спецкор обозреватель журналист журналистка редактор репортер колумнист автор
        редакція кореспондент журналіст журналістка редакторка оглядач redakcja dziennikarz dziennikarka korespondent redaktor
        redaktorka redakce redaktorka reporterka muxbir muhabir muhabiri editoru muxbiri jurnalist jurnalista toimittaja toimitus
        kirjeenvaihtaja journalisten redaktør reporteren szerkeszto szerkesztoseg ujsagiro redactia jurnalist
        مراسل مراسلة صحفي محرر تحرير كاتب خبرنگار سردبیر כתב כתבת מערכת 記者 记者 特派員 编辑部 本报 기자 특파원 संवाददाता
        """)

    /// Words that belong to a role when they stand beside one.
    static let roleModifiers: Set<String> = DateLexicon.foldedSet(
        """
        chief senior junior deputy assistant associate managing executive special foreign political politics diplomatic defence
        defense security economics economy business financial finance science technology tech health education environment sports
        sport crime legal local national international world global regional city metro digital online social media news data
        investigations investigative features culture arts travel opinion guest contributing former freelance web video white house
        middle east eastern western europe european asia africa moscow london washington brussels beijing berlin paris baku
        energy climate religion royal home affairs transport consumer night our the leitender stellvertretender politischer
        специальный собственный наш главный шеф специальний власний наш
        """)

    /// Words of an account or an outlet, never of a person.
    static let generic: Set<String> = DateLexicon.foldedSet(
        """
        admin administrator webmaster root user guest anonymous unknown none null undefined test editorial staff newsdesk news
        newsroom desk team online web website press release pressrelease sponsored advertorial partner content moderator office
        agency agencies redaktion redaktionsteam redaction redaccion redazione redacao redakcja redakce toimitus redaktionen
        редакция редакція redaksiya redaksi editors board daily weekly times post herald tribune gazette chronicle journal ledger
        magazine media network tv radio channel television report reports service services wire updated published posted read
        reading min mins minute minutes share comments comment views subscribe follow click more here home contact about email
        e-mail author authors byline correspondents reporters university institute inc ltd llc gmbh group foundation company
        ministry department government committee council commission party association union bank court police embassy parliament
        facebook twitter instagram youtube telegram whatsapp linkedin reddit pinterest advertisement
        """)

    /// News agencies, which may stand as author.
    static let agencies: Set<String> = Set(
        """
        reuters;thomson reuters;ap;associated press;the associated press;afp;agence france-presse;agence france presse;dpa;efe;ansa;
        tass;tacc;тасс;итар-тасс;interfax;интерфакс;interfax-ukraine;интерфакс-украина;ria novosti;риа новости;xinhua;新华社;kyodo;
        kyodo news;共同通信;時事通信;yonhap;연합뉴스;bloomberg;upi;united press international;pti;press trust of india;ani;ians;aap;
        australian associated press;pa;pa media;press association;the canadian press;canadian press;anadolu;anadolu agency;
        anadolu ajansi;aa;dha;iha;trend;turan;apa;azertac;azertag;armenpress;arka;ukrinform;укринформ;укрінформ;unian;унiан;унн;belta;
        белта;antara;bernama;pap;ctk;mti;belga;anp;tt;ntb;ritzau;stt;keystone-sda;sda;ats;kna;epd;sid;irna;isna;tasnim;fars;mehr;wam;
        spa;mena;petra;kcna;cna;lusa;agencia brasil;europa press;notimex;telam;prensa latina;adnkronos;agi;lapresse;agerpres;
        mediafax;tanjug;hina;beta;bta;stringer;scmp;interpressnews;kazinform;akipress;24.kg
        """.split(separator: ";").map { TextScalars.folded($0.trimmingWhitespace()) })

    /// Places of several words that follow a name in bylines; a place of one word is recognised by being one word.
    static let places: Set<String> = Set(
        """
        new york;los angeles;san francisco;washington dc;washington d.c;hong kong;tel aviv;abu dhabi;new delhi;buenos aires;
        mexico city;rio de janeiro;sao paulo;st petersburg;st. petersburg;saint petersburg;united states;united kingdom;the hague;
        den haag;kuala lumpur;phnom penh;ho chi minh city;cape town;addis ababa;saudi arabia;south africa;south korea;north korea;
        new zealand;sri lanka;costa rica;el salvador;las vegas;san diego;new orleans;frankfurt am main;la paz;port au prince;
        washington, d.c;tbilisi georgia;baku azerbaijan;yerevan armenia;nur sultan
        """.split(separator: ";").map { TextScalars.folded($0.trimmingWhitespace()) })

    /// Forms of address before a name.
    static let honorifics: Set<String> = [
        "mr", "mrs", "ms", "dr", "prof", "professor", "sir", "herr", "frau", "mme", "sr", "sra", "д-р", "проф",
    ]

    /// Words that open a phrase, never a name.
    static let neverFirst: Set<String> = DateLexicon.foldedSet(
        """
        the our from to with by source via for about this that these those when what why how who where not all in on at after before
        as and or but if more most how is are was will can der das die ein eine les une los las aus nach wie warum был это как
        """)

    /// Parts of Han and kana words that are labels or outlets.
    static let eastAsianLabels: [String] = [
        "記事", "新聞", "会員", "會員", "限定", "有料", "無料", "編集", "編輯", "编辑", "报道", "報道", "报导", "報導", "新闻", "日报", "日報", "晚报",
        "时报", "時報", "通信", "通讯", "通訊", "社会", "社會", "国际", "國際", "政治", "经济", "経済", "經濟", "文化", "来源", "分享", "评论", "関連",
        "ニュース", "シェア", "コメント",
    ]

    /// Words after a surname that belong to it.
    static let nameSuffixes: Set<String> = ["jr", "sr", "ii", "iii", "iv", "phd", "md"]

    /// Lower-case words that end a name: what follows is a place, an outlet or an occupation.
    static let stops: Set<String> = DateLexicon.foldedSet(
        """
        in for at from is on of aus fur für bei à pour depuis dans en desde para em da uit voor из в для специально z dla w fra i
        med is ist est es are was reports writes has have contributed covers contributing reporting via
        """)

    /// Words that open the date behind a name.
    static let timeLabels: Set<String> = DateLexicon.foldedSet(
        """
        published updated posted modified created veröffentlicht aktualisiert publié mis publicado actualizado pubblicato
        aggiornato atualizado gepubliceerd bijgewerkt опубликовано обновлено опубліковано оновлено opublikowano publikováno
        yayınlanma güncelleme publicerad uppdaterad publisert oppdatert julkaistu päivitetty
        """)

    private static func sortedPhrases(_ text: String) -> [String] {
        let phrases = text.split(separator: ";").map { TextScalars.folded($0.trimmingWhitespace()) }
        return phrases.sorted { $0.utf8.count > $1.utf8.count }
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    func trimmingWhitespace() -> String {
        let scalars = unicodeScalars
        guard let first = scalars.firstIndex(where: { !TextScalars.isSpace($0) }),
            let last = scalars.lastIndex(where: { !TextScalars.isSpace($0) })
        else { return "" }
        return String(String.UnicodeScalarView(scalars[first...last]))
    }
}
