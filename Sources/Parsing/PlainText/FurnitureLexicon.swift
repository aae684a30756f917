/// Phrases of page furniture in the major news languages, divided by semicolons or lines; `=` marks those that count only as
/// a whole line.
enum FurnitureLexicon {
    static let phrases: [(FurnitureKind, String)] = [
        (.comments, comments), (.authorBox, authorBox), (.related, related), (.share, share), (.newsletter, newsletter),
        (.cookies, cookies), (.copyright, copyright), (.views, views), (.tags, tags), (.advertisement, advertisement),
        (.navigation, navigation), (.readingTime, readingTime), (.login, login), (.source, source),
        (.captionCredit, captionCredit),
        (.errorPage, errorPage),
    ]

    /// Words that call the reader to follow the outlet somewhere.
    static let calls: Set<String> = DateLexicon.foldedSet(
        """
        follow join find like subscribe share get watch listen folgen folgt abonnieren teilen suivez rejoignez partagez sigue síguenos
        seguici siga acompanhe volg подписывайтесь подпишитесь следите читайте смотрите підписуйтесь śledź obserwuj sledujte takip abone
        izləyin følg följ seuraa ακολουθήστε kövess urmărește تابعوا تابعنا تابع
        """)

    /// Names of networks and shops.
    static let networks: Set<String> = DateLexicon.foldedSet(
        """
        facebook twitter instagram telegram whatsapp youtube linkedin tiktok viber vkontakte вконтакте telegramm телеграм телеграме
        телеграм-канал telegramda фейсбук фейсбуке инстаграм ютуб dzen дзен дзене threads bluesky mastodon google apple spotify reddit
        فيسبوك تويتر تلغرام واتساب
        """)

    private static let comments = """
        comments=; comment=; leave a reply; leave a comment; leave a review; post a comment; add a comment; write a comment
        join the conversation; join the discussion; your email address will not be published; required fields are marked
        show comments; view comments; view all comments; read comments; no comments yet; be the first to comment; comments are closed
        reader comments; comments on; cancel reply; save my name email; notify me of follow up comments; log in to comment
        kommentare=; kommentar schreiben; kommentar hinterlassen; schreiben sie einen kommentar; ihre e mail adresse wird nicht
        diskutieren sie mit; kommentieren sie diesen artikel; zu den kommentaren; leserkommentare; erforderliche felder sind
        commentaires=; commentaire=; laisser un commentaire; ajouter un commentaire; votre adresse e mail ne sera pas
        comentarios=; deja un comentario; dejar un comentario; tu direccion de correo; escribe un comentario; deja una respuesta
        commenti=; lascia un commento; il tuo indirizzo email non sara; comentarios=; deixe um comentario; o seu endereco de e mail
        reacties=; plaats een reactie; laat een reactie achter; reageer=; комментарии=; комментарий=; оставить комментарий
        добавить комментарий; ваш адрес email не будет; ваш e mail не будет; обсудить=; коментарі=; залишити коментар; додати коментар
        komentarze=; dodaj komentarz; zostaw komentarz; twoj adres email nie; komentare=; pridat komentar; vlozit komentar
        yorumlar=; yorum yap=; yorum yaz; bir yanit yazin; e posta hesabiniz yayimlanmayacak; serhler=; serh yaz; rey bildir
        kommentarer=; lamna en kommentar; skriv en kommentar; legg igjen en kommentar; kommentit=; jata kommentti
        σχολια=; αφηστε ενα σχολιο; hozzaszolasok=; szolj hozza; comentarii=; lasa un comentariu; lasati un comentariu
        التعليقات=; تعليقات=; اترك تعليقا; اضف تعليق; نظرات=; ارسال نظر; תגובות=; הוסף תגובה; टिप्पणियां=; komentar=; tinggalkan komentar
        bình luận=; để lại bình luận; 评论=; 发表评论; 网友评论; 评论区=; コメント=; コメントを書く; 댓글=; 댓글 쓰기
        """

    private static let authorBox = """
        about the author; about the authors; about the writer; view all posts by; more from this author; all posts by; more by this author
        articles by this author; see author's posts; more articles by; follow the author; über den autor; zur autorin; zum autor
        über die autorin; mehr von diesem autor; alle beiträge von; à propos de l'auteur; a propos de lauteur; voir tous les articles de
        tous les articles de; sobre el autor; sobre la autora; ver todas las entradas de; más artículos de; sobre o autor; sobre a autora
        ver todos os posts; sull'autore; sullautore; vedi tutti gli articoli; об авторе; все статьи автора; все материалы автора; про автора
        o autorze; zobacz wszystkie wpisy; o autorovi; yazar hakkında; yazarın tüm yazıları; över författaren; om forfatteren
        عن الكاتب; نبذة عن; درباره نویسنده; 作者简介; 关于作者; 著者プロフィール; 기자 프로필; over de auteur; tentang penulis
        """

    private static let related = """
        related articles; related stories; related news; related posts; related topics; related=; related content; read also; read more
        read next; see also; also read; you may also like; you might also like; more from; more stories; more news; more on this story
        recommended for you; recommended=; recommended stories; most read; most popular; trending now; trending=; latest news; latest stories
        editor's picks; editors picks; don't miss; dont miss; up next; next article; previous article; next post; previous post; previous story
        top stories; popular=; what to read next; around the web; from our partners; keep reading; continue reading; explore more; news line=
        other news; similar articles; lesen sie auch; lesen sie mehr; mehr zum thema; auch interessant; das könnte sie auch interessieren
        weitere artikel; meistgelesen; mehr aus; weiterlesen; zum thema=; ähnliche artikel; neueste artikel; lire aussi; à lire aussi
        a lire aussi; sur le même sujet; les plus lus; articles similaires; dans la même rubrique; lire la suite; à lire également
        lea también; lea tambien; te puede interesar; noticias relacionadas; más leídas; lo más visto; lo más leído; también te puede interesar
        más noticias; leer más; artículos relacionados; le recomendamos; leggi anche; potrebbe interessarti; articoli correlati; i più letti
        leggi tutto; leia também; leia mais; notícias relacionadas; mais lidas; veja também; saiba mais; lees ook; lees meer; meer over
        meest gelezen; gerelateerde artikelen; читайте также; читать также; читайте далее; по теме; материалы по теме; похожие новости
        другие новости; самое читаемое; популярное=; рекомендуем=; смотрите также; еще по теме; читать далее; новости по теме; лента новостей
        читайте також; читати також; схожі новини; популярне=; інші новини; czytaj także; czytaj też; zobacz także; zobacz też; najczęściej czytane
        powiązane artykuły; čtěte také; čtěte dále; související články; nejčtenější; ilgili haberler; bunlar da ilginizi çekebilir
        en çok okunanlar; diğer haberler; oxşar xəbərlər; digər xəbərlər; həmçinin oxuyun; son xəbərlər; läs också; läs mer; läs även; mest läst
        les også; les mer; læs også; læs mere; mest læste; lue myös; lue lisää; luetuimmat; διαβάστε επίσης; διαβάστε ακόμα; δείτε επίσης
        kapcsolódó cikkek; ajánlott cikkek; citește și; citiți și; articole similare; اقرأ أيضا; اقرأ المزيد; مقالات ذات صلة; أخبار ذات صلة
        مواضيع ذات صلة; بیشتر بخوانید; مطالب مرتبط; اخبار مرتبط; קראו גם; כתבות נוספות; עוד בנושא; यह भी पढ़ें; ये भी पढ़ें; baca juga
        berita terkait; xem thêm; tin liên quan; đọc thêm; 相关阅读; 相关新闻; 相关报道; 延伸阅读; 推荐阅读; 关連記事; 関連記事; あわせて読みたい; 관련기사; 관련 기사
        """

    private static let share = """
        share=; share this; share this article; share this story; share on; share it on; share via; share with; share to; liked the story
        share article; tweet=; tweet this; pin it; copy link; copy the link; link copied; print=; print this; print article; email this
        e mail=; email=; save=; save article; save for later; bookmark=; facebook=; twitter=; x=; whatsapp=; telegram=; linkedin=; instagram=
        youtube=; tiktok=; reddit=; pinterest=; messenger=; viber=; vk=; vkontakte=; rss=; odnoklassniki=; flipboard=; threads=; bluesky=; mastodon=
        follow us; follow us on; find us on; like us on; like this; like=; social=; social media=; follow=; click to share; opens in new window
        listen to this article; gift this article; give this article; add us on google; follow on google news; google news=
        teilen=; artikel teilen; drucken=; auf facebook teilen; per e mail; folgen sie uns; link kopieren; merken=; vorlesen=; artikel anhören
        partager=; partager sur; partagez; imprimer=; suivez nous; copier le lien; envoyer par e mail; compartir=; compartir en; imprimir=
        síguenos; síganos; copiar enlace; condividi=; condividi su; stampa=; seguici su; compartilhar=; compartilhe; siga nos; copiar link
        delen=; deel dit; deel dit artikel; volg ons; поделиться=; поделиться в; поделитесь; распечатать=; скопировать ссылку; скопировано=
        ссылка скопирована; подписывайтесь на; подпишитесь на; мы в соцсетях; следите за нами; поширити=; поділитися; підписуйтесь на
        udostępnij=; udostępnij na; drukuj=; śledź nas; obserwuj nas; sdílet=; sdílejte; tisk=; paylaş=; yazdır=; bizi takip edin; paylas=
        çap et; bizi izləyin; dela=; dela på; skriv ut; del=; del på; jaa=; tulosta=; κοινοποίηση=; μοιραστείτε; megosztás=; nyomtatás=
        distribuie=; urmărește ne; شارك=; مشاركة=; طباعة=; تابعونا; تابعنا على; اشتراک گذاری; چاپ=; שתפו=; הדפסה=; शेयर करें; bagikan=; chia sẻ=
        分享=; 分享到; 打印=; 扫一扫; 关注我们; シェア=; シェアする; ツイート=; 印刷=; 공유=; 공유하기; 인쇄=; 구독=
        """

    private static let newsletter = """
        subscribe=; subscribe to; subscribe now; sign up for; sign up to; sign up=; newsletter=; our newsletter; newsletters=; get the latest
        get our; delivered to your inbox; in your inbox; enter your email; your email=; email address=; unsubscribe at any time; you can unsubscribe
        support our journalism; become a member; donate=; support us; download our app; download the app; join our telegram; join our channel
        join our whatsapp; do you have a story; got a story; do you have information; if you enjoyed this; if you like this; consider supporting; small donation; every pound helps; make a donation; support independent; jetzt anmelden=; join us on; abonnieren=; newsletter abonnieren; jetzt abonnieren; melden sie sich; s'abonner; abonnez vous; je m'abonne
        inscrivez vous; recevez; suscríbete; suscribirse=; suscríbase; recibe; regístrate; iscriviti; abbonati; assine=; inscreva se; receba
        abonneer; schrijf je in; подписаться=; подписка=; рассылка=; подпишитесь; підписатися=; zapisz się; subskrybuj; prenumeruj; odebírat=
        abone ol; bültenimize; abunə ol; abunə olun; prenumerera; abonner=; tilaa=; εγγραφείτε; feliratkozás; abonează te; اشترك; عضویت در خبرنامه
        הירשמו; berlangganan; đăng ký nhận; 订阅=; メルマガ登録; 구독하기
        """

    private static let cookies = """
        we use cookies; this site uses cookies; this website uses cookies; uses cookies; accept all; accept cookies; cookie policy; cookie settings
        manage cookies; privacy settings; by continuing to use; wir verwenden cookies; diese website verwendet; alle akzeptieren; nous utilisons des cookies
        tout accepter; ce site utilise; utilizamos cookies; usamos cookies; este sitio usa; aceptar todo; utilizziamo i cookie; questo sito utilizza
        wij gebruiken cookies; мы используем файлы cookie; мы используем cookie; сайт использует; używamy plików; używamy cookies; çerez; käytämme evästeitä
        """

    private static let copyright = """
        all rights reserved; any use of materials; copyright; © ; if you have found a spelling error; found a mistake; found a typo; suggest a correction; report an error; нашли ошибку; если вы нашли ошибку; ctrl enter; press ctrl; reproduction in whole; reproduction is prohibited; may not be published broadcast
        may not be reproduced; without permission; terms of use; terms of service; privacy policy; powered by; designed by; alle rechte vorbehalten
        nachdruck; tous droits réservés; reproduction interdite; todos los derechos reservados; prohibida la reproducción; tutti i diritti riservati
        riproduzione riservata; todos os direitos reservados; alle rechten voorbehouden; все права защищены; использование материалов
        при использовании материалов; при цитировании; перепечатка; при полном или частичном; усі права захищені; всі права захищені
        використання матеріалів; wszelkie prawa zastrzeżone; všechna práva vyhrazena; tüm hakları saklıdır; bütün hüquqlar qorunur
        materiallardan istifadə; alla rättigheter; alle rettigheter; kaikki oikeudet pidätetään; minden jog fenntartva; toate drepturile rezervate
        جميع الحقوق محفوظة; حقوق النشر; تمام حقوق; כל הזכויות שמורות; सर्वाधिकार सुरक्षित; hak cipta; 版权所有; 未经授权; 無断転載; 무단 전재; 무단전재
        """

    private static let views = """
        views=; views; view count; times read; reads=; hits=; aufrufe=; mal gelesen; vues=; visitas=; visualizzazioni=; visualizações=
        просмотров; просмотры; просмотр=; прочитали; переглядів; перегляди; wyświetleń; odsłony; zobrazení=; görüntülenme; okunma; baxış; baxılıb
        oxunub; visningar=; مشاهدات; مشاهدة; بازدید; צפיות=; dilihat; dibaca=; lượt xem; 阅读=; 浏览; 阅读量; 조회수; 閲覧数
        """

    private static let tags = """
        tags; tag=; tagged; filed under; topics; keywords; categories; category=; posted in; schlagwörter; schlagworte; themen; stichwörter
        mots clés; thèmes; sujets=; étiquettes; etiquetas; temas; argomenti; trefwoorden; метки; теги; тэги; темы=; ключевые слова; тема=; позначки
        tagi; słowa kluczowe; štítky; etiketler; açar sözlər; teqlər; taggar; emneord; avainsanat; ετικέτες; címkék; etichete; الوسوم; كلمات مفتاحية
        کلیدواژه; برچسب; תגיות; टैग; từ khóa; 标签; 关键词; タグ; キーワード; 태그
        """

    private static let advertisement = """
        loading video; watch the video; video player; play video; advertisement=; advertisements=; ads=; ad=; sponsored=; sponsored content; promoted=; advertising=; story continues below; article continues below
        article continues after; continue reading below; scroll to continue; skip advertisement; remove ads; paid content; anzeige=; werbung=
        publicité=; publicidad=; la suite après cette publicité; continúa después; pubblicità=; advertentie=; реклама=; на правах рекламы; реклама на
        reklama=; reklam=; annons=; annonse=; annonce=; mainos=; διαφήμιση=; hirdetés=; publicitate=; إعلان=; اعلان=; آگهی=; تبلیغات=; פרסומת=; विज्ञापन=
        iklan=; scroll to continue with content; quảng cáo=; 广告=; 廣告=; 広告=; 광고=; apple store=; app store=; google play=; play market=
        """

    private static let navigation = """
        home; news; menu; search; close; back; next; more; world; politics; business; sport; sports; opinion; culture; economy; technology; tech; science
        health; entertainment; lifestyle; travel; video; videos; photo; photos; gallery; podcasts; podcast; weather; live; live tv; watch live; about; about us
        contact; contact us; contacts; advertise; advertise with us; careers; jobs; help; faq; sitemap; login; log in; sign in; register; account; my account
        skip to content; skip to main content; toggle navigation; toggle menu; main menu; navigation; back to top; go to top; loading; loading more; ru; en; de
        fr; es; az; arm; night theme; dark mode; light mode; font size; interviews; interview; analytics; analysis; society; regions; region; incidents; top
        latest; all news; newsfeed; archive; archives; magazine; what are you looking for; search for; enter search; select language; language; edition
        us; uk; international; europe; asia; africa; americas; middle east; finance; markets; arts; style; books; music; food; real estate; education; environment
        startseite; nachrichten; politik; wirtschaft; kultur; wissen; panorama; meinung; suche; impressum; datenschutz; kontakt; anmelden; ausland; inland; menü
        zur startseite; schließen; accueil; actualités; politique; économie; monde; société; rechercher; mentions légales; connexion; se connecter; fermer
        inicio; noticias; política; economía; mundo; deportes; cultura; sociedad; buscar; iniciar sesión; contacto; cerrar; menú; opinión; internacional; españa
        notizie; politica; economia; esteri; cronaca; cerca; accedi; chiudi; início; notícias; esportes; entrar; fechar; brasil; nieuws; binnenland; buitenland
        zoeken; inloggen; sluiten; главная; новости; политика; экономика; общество; мир; спорт; культура; происшествия; поиск; войти; меню; контакты; о нас
        о проекте; видео; фото; реклама на сайте; вакансии; назад; вперед; закрыть; все новости; регионы; мнения; интервью; армия; наука; головна; новини
        політика; економіка; суспільство; пошук; strona główna; wiadomości; polityka; gospodarka; szukaj; zaloguj; świat; kraj; domů; zprávy; hledat; přihlásit
        anasayfa; ana sayfa; gündem; dünya; ekonomi; spor; ara; giriş; siyaset; ana səhifə; xəbərlər; siyasət; iqtisadiyyat; cəmiyyət; axtar; axtarış; idman
        hem; nyheter; logga in; sök; hjem; søg; søk; etusivu; uutiset; haku; kirjaudu; αρχική; ειδήσεις; πολιτική; οικονομία; αναζήτηση; címlap; belföld; külföld
        keresés; acasă; știri; caută; الرئيسية; أخبار; سياسة; اقتصاد; رياضة; بحث; ثقافة; خانه; اخبار; سیاسی; اقتصادی; ورزشی; جستجو; ראשי; חדשות; חיפוש
        होम; समाचार; खोज; beranda; berita; cari; masuk; trang chủ; tin tức; tìm kiếm; 首页; 新闻; 国际; 搜索; 登录; ホーム; ニュース; 検索; ログイン; 홈; 뉴스; 검색; 로그인
        """

    private static let readingTime = """
        min read; minute read; minutes read; mins read; minutes to read; reading time; read time; estimated reading time; min lesezeit; minuten lesezeit
        lesezeit; lesedauer; min de lecture; minutes de lecture; temps de lecture; lecture min; min de lectura; tiempo de lectura; min di lettura
        tempo di lettura; min de leitura; tempo de leitura; minuten leestijd; leestijd; мин чтения; минут чтения; время чтения; час читання; хв читання
        min czytania; czas czytania; min čtení; dakika okuma; dk okuma; dəqiqə oxu; min läsning; lukuaika; دقيقة قراءة; دقائق قراءة; 阅读时间; 읽는 시간
        updated=; published=
        """

    private static let login = """
        log in to continue; sign in to continue; subscribe to continue; already a subscriber; already a member; create an account; create a free account
        this article is for subscribers; to continue reading; forgot password; register to read; forgot your password; bereits abonnent; jetzt anmelden und
        weiterlesen mit; déjà abonné; cet article est réservé; ya eres suscriptor; già abbonato; al abonnee; уже подписаны; inloggen om verder
        """

    private static let source = """
        original source; source=; read the original; originally published; first published; this article was originally; this article was first
        this article originally appeared; this story was originally; republished from; republished with permission; reprinted from; originalquelle
        quelle=; source originale; article original; fuente original; fonte originale; первоисточник; источник=; джерело=; оригинал статьи
        """

    private static let captionCredit = """
        photo credit; photo by; photo courtesy; image credit; image courtesy; image source; photo source; photo; file photo; getty images; foto von; foto; bild
        archivfoto; archivbild; symbolbild; crédit photo; photo d'illustration; foto de archivo; foto d'archivio; фото; архивное фото; фото с сайта; zdjęcie
        kuva; 图源; 资料图; 写真; 사진
        """

    private static let errorPage = """
        page not found; 404; 404 not found; error 404; the page you requested; the page you are looking for; access denied; 403 forbidden; internal server error
        502 bad gateway; service unavailable; seite nicht gefunden; page introuvable; página no encontrada; pagina non trovata; страница не найдена
        página não encontrada; pagina niet gevonden; strona nie została znaleziona; sayfa bulunamadı; səhifə tapılmadı; сторінку не знайдено
        """
}
