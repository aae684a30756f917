/// Function words of the languages that news is mostly written in, folded as ``FoldedText`` does.
///
/// They only help the first articles, until the counts of the stream itself say how common a word is; other languages get
/// by with the counts.
enum CommonWords {
    /// Whether a word is one of them, by its hash.
    static func contains(_ hash: UInt64) -> Bool { words[hash] != nil }

    private static let words = WordLookup(
        Dictionary(
            lists.joined(separator: " ").split(separator: " ").map {
                (StableHash.of($0.utf8), WordLookup.Entry(weight: 0, nameWeight: 0))
            }, uniquingKeysWith: { first, _ in first }))

    private static let lists = [
        """
        a about after again against all also an and any are as at be because been before being between both but by \
        can could day days did do does down during each every few first for from further get had has have he her \
        here hers him his how i if in into is it its just last like made make many may me might more most mr mrs ms \
        much must my new next no nor not now of off on once one only or other our out over own per said same say \
        saying says shall she should since so some still such than that the their them then there these they this \
        those through time to too two under until up upon us very was we week well were what when where which while \
        who whom why will with would year years yet you your monday tuesday wednesday thursday friday saturday \
        sunday according told people
        """,
        """
        aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bis bislang da \
        dabei damit dann das dass dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch \
        ein eine einem einen einer eines er erst es etwa etwas euch ganz gar gegen haben habe hat hatte hatten hier \
        hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist ja jahr jahre jahren jede jedem jeden jeder \
        jetzt kann kein keine konnen konnte mehr mein mit muss nach nicht nichts noch nun nur ob oder ohne schon sei \
        sein seine seinem seinen seiner seit sich sie sind so soll sollen sondern sowie teilte uber um und uns unter \
        vom von vor war waren was weil wenn wer werde werden wie wieder will wir wird wo worden wurde wurden zu zum \
        zur zwei zwischen sagte montag dienstag mittwoch donnerstag freitag samstag sonntag fur
        """,
        """
        a al algo ante antes anos ano asi aun aunque bajo bien cada casi como con contra cual cuando de del desde \
        despues dia dias dijo donde dos durante e el ella ellos en entre era es esa ese eso esta estaba estan estas \
        este esto estos fue fueron ha habia hace hacia han hasta hay la las le les lo los mas me mientras muy ni no \
        nos o otra otro otros para pero por porque primer que quien se sea segun ser si sido sin sobre solo son su \
        sus tambien tan tanto tiene tras tres un una uno unos y ya lunes martes miercoles jueves viernes sabado \
        domingo
        """,
        """
        au aux avec avant ans apres aussi autre autres avait c ce cela ces cet cette chez comme d dans de depuis des \
        deux dit donc dont du elle elles en encore entre est et etait ete etre eux fait il ils je jour l la le les \
        leur leurs lors lui mais meme mois n ne nous on ont ou par pas pendant peut plus pour qu quand que qui s sa \
        sans se selon ses si son sont sous sur tous tout tres un une vers vous y lundi mardi mercredi jeudi vendredi \
        samedi dimanche
        """,
        """
        ai al alla alle anche anni anno che chi ci come con cui da dal dalla dei del della delle dello di dopo due e \
        ed era essere fa fra gli ha hanno il in io la le lo loro ma nel nella nelle non o oggi per piu prima quando \
        questa questo se secondo sempre si solo sono sta stata stato su sua sulla suo tra tutti un una uno ao aos as \
        com como das depois do dos ela ele em entre foi foram isso mais mas na nao nas no nos num os ou para pela \
        pelo por que quem segundo sem ser seu seus suas tambem um uma
        """,
        """
        aan al als bij dan dat de der deze die dit door een en er geen haar had heb hebben heeft hem het hij hun ik \
        in is je kan maar meer met na naar niet nog nu of om onder ook op over te tegen tot uit van veel voor wat \
        was werd wij ze zich zij zijn zo zou att av den det detta eller ett for fran ha han har hade hon i inte jag \
        med men mot nar och pa sa sade ska skulle som till under var vi vid ble blir da dem du eg et etter fra ikke \
        jeg og opp seg sin skal til ut ved at af blev efter
        """,
        """
        а без более будет бы был была были было быть в вам вас весь во вот все всего всех вы где год года да даже \
        для до его ее если есть еще же за здесь и из или им их к как когда который которые которая которого кто ли \
        мы на над не него нее нет ни них но о об один он она они оно от по под после при с сам свое своей со так \
        также там то того только том тот ты у уже что чтобы эта эти это этого этой этом я і й та що як це з від про \
        але або були був була його її їх які який сообщил заявил сказал
        """,
        """
        w z na do sie i nie to ze jest o jak po co tak za od ale czy dla ich przez przy jako tym tego byl byla bylo \
        jego jej juz oraz lub tylko ktory ktora ktore a v ve se je s k by pro pri si bir bu da de ile icin cok daha \
        olan olarak en ne gibi kadar sonra gore ki hem ya var yok her ben sen biz siz onlar dedi etti oldu yil في من \
        على الى إلى ان أن عن مع هذا هذه التي الذي قال كان كانت ما لا بعد قبل بين كما وقال و که از به در این با را \
        است برای آن یک های می شود
        """,
    ]
}
