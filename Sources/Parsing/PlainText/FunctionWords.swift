/// Words that serve grammar in the major news languages: running text is full of them, menus and lists of links are not.
enum FunctionWords {
    static let all: Set<String> = DateLexicon.foldedSet(
        """
        the of and to in a is that for it was on with as be by at from are this have has had not but or an they which his her
        their its he she we you i who would will said been were there after into about than more when what between
        der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie
        nach wird bei einer um am sind noch wie einem über so zum war haben nur oder aber vor zur bis mehr durch man
        le la les de des du et en un une est que qui dans pour par sur au aux il elle ce cette se ne pas plus avec son sa ses
        ont été mais ou leur être sont comme nous vous
        el los las y del se por con una su para al lo como más o pero sus le ya entre cuando muy sin sobre también me hasta hay
        il lo gli di che e è per non con una del della nel alla si da sono dei le al come più anche ha
        o os as do da dos das em um uma para com não por mais no na se ao como foi ele pelo pela são
        het een van en dat op te zijn voor met niet aan er om ook als dan maar bij nog naar heeft door
        и в не на что с по как это от за к из у для о он она они его но же а бы был была были мы так то который при после также
        і в на що з не до як за від та про це для є він вона вони або але щоб який при після також
        i w na z do że się nie to jest o jak po za od przez dla ale jego są był była oraz przy
        v na se že s je do za pro po o z k ale jako jsou byl byla které podle
        ve bir bu da de için ile olarak daha çok gibi kadar olan sonra ne ama
        və bu bir ilə üçün da də ki olan olaraq daha sonra o isə
        och att det som en på är av för med den till inte ett om har de var från
        og at det som en på er af til for med den ikke et om har de var fra å
        ja on ei että se oli hän mutta kun myös sekä ovat
        και το να του της τα η ο με για στο από που δεν είναι των τον την
        a az és hogy nem is egy ez de volt meg mint csak
        și de la în cu pe nu să care este din pentru un o mai ce sau
        yang dan di itu dengan untuk dari ini pada tidak dalam akan adalah ke oleh
        và của là có trong được cho không với các những một đã này
        في من على أن إلى التي الذي عن مع هذا هذه كان ما لا بعد قال بين
        و در به از که این را با است برای آن یک خود تا بر
        של את על לא כי הוא עם זה היא גם כל או
        के का में की है से को और पर ने यह कि भी
        의 이 가 은 는 을 를 에 와 과 的 了 在 是 和 有 也 就 不 对 は が を に の と で も た
        """)
}
