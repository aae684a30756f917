/// What an element's class names and id say about its role on the page.
struct BlockHints: OptionSet, Sendable {
    let rawValue: UInt32

    static let comments = BlockHints(rawValue: 1 << 0)
    static let related = BlockHints(rawValue: 1 << 1)
    static let share = BlockHints(rawValue: 1 << 2)
    static let navigation = BlockHints(rawValue: 1 << 3)
    static let advertisement = BlockHints(rawValue: 1 << 4)
    static let promotion = BlockHints(rawValue: 1 << 5)
    static let consent = BlockHints(rawValue: 1 << 6)
    static let biography = BlockHints(rawValue: 1 << 7)
    static let footer = BlockHints(rawValue: 1 << 8)
    static let sidebar = BlockHints(rawValue: 1 << 9)
    static let byline = BlockHints(rawValue: 1 << 10)
    static let caption = BlockHints(rawValue: 1 << 11)
    static let tags = BlockHints(rawValue: 1 << 12)
    static let hidden = BlockHints(rawValue: 1 << 13)
    /// The element holds the article's text.
    static let body = BlockHints(rawValue: 1 << 14)
    /// The element is about one article.
    static let article = BlockHints(rawValue: 1 << 15)
    /// A standfirst.
    static let lead = BlockHints(rawValue: 1 << 16)
    /// The headline.
    static let headline = BlockHints(rawValue: 1 << 17)
    /// A date stands here.
    static let date = BlockHints(rawValue: 1 << 18)

    /// The element is marked up as the article's text.
    static let articleBody = BlockHints(rawValue: 1 << 19)

    /// A line with date, section or reading time.
    static let metadata = BlockHints(rawValue: 1 << 20)

    /// A box that a page builder or a theme put here: a sidebar's in most places, a part of the text in some.
    static let widget = BlockHints(rawValue: 1 << 21)

    /// A box around a picture, a gallery or a player.
    static let image = BlockHints(rawValue: 1 << 22)

    /// A post of a social network.
    static let embed = BlockHints(rawValue: 1 << 23)

    // Helpers of the scanner, not roles.
    static let noun = BlockHints(rawValue: 1 << 24)
    static let content = BlockHints(rawValue: 1 << 25)
    static let modifier = BlockHints(rawValue: 1 << 26)
    static let author = BlockHints(rawValue: 1 << 27)
    static let box = BlockHints(rawValue: 1 << 28)
    static let card = BlockHints(rawValue: 1 << 29)
    static let overflow = BlockHints(rawValue: 1 << 30)

    /// Roles whose text is not part of an article's body.
    static let boilerplate: BlockHints = [
        .comments, .related, .share, .navigation, .advertisement, .promotion, .consent, .biography, .footer, .sidebar,
        .byline, .tags, .hidden, .metadata, .widget,
    ]
}

/// Reads ``BlockHints`` from class names and ids.
///
/// A name is split at punctuation and at changes from small to capital letters, and each word is looked up. Names that
/// only say how the element is laid out (`has-sidebar`, `tag-politics`) are passed over.
enum HintScanner {
    /// The words of class names, as authors of templates choose them in several languages.
    private static let table = TokenTable([
        (
            """
            comment comments commentlist commentform commenting commentary disqus kommentar kommentare kommentarer \
            comentario comentarios commentaire commentaires commenti reacties livefyre spotim vuukle replies respond \
            commentarea commentsection commentsarea commentsbox forum
            """, BlockHints.comments.rawValue
        ),
        (
            """
            related relatedposts relatedarticles relatedcontent relatednews recommended recommendation recommendations \
            recommend recommends recirc recirculation suggested suggestions similar readalso seealso mostread mostpopular \
            popular trending outbrain taboola zergnet nextprev prevnext adjacent pagination pager teaser teasers \
            teaserlist morenews morefrom moreon morestories morearticles relacionadas relacionados relacionada \
            relacionado verwandt verwandte weitere upnext carousel swiper slick bestof topstories latestnews rail river \
            readnext nextarticle nextpost postnavigation morelikethis linkbox onward
            """, BlockHints.related.rawValue
        ),
        (
            """
            share sharing sharebar shares sharer sharedaddy sharetools sharebuttons social socials socialmedia \
            socialshare addthis addtoany followus follow jssocials teilen partager compartir condividi ssba heateor \
            socialbar sharelinks articleshare
            """, BlockHints.share.rawValue
        ),
        (
            """
            nav navbar navigation navi menu menus submenu breadcrumb breadcrumbs crumb crumbs sitenav topbar skip \
            skiplink skiplinks toolbar tools articletools toc tableofcontents menubar mainmenu subnav megamenu
            """, BlockHints.navigation.rawValue
        ),
        (
            """
            ad ads adv advert adverts advertisement advertising adbox adslot adsense adunit dfp gpt sponsored sponsor \
            sponsors promoted werbung anzeige anzeigen publicidad publicite reklam reklama reklame adcontainer adwrapper \
            adwrap adspot advertorial
            """, BlockHints.advertisement.rawValue
        ),
        (
            """
            newsletter newsletters subscribe subscription subscriptions signup promo promos promotion cta donate donation \
            membership optin mailchimp paywall piano regwall upsell abonnement abobox subscribebox newslettersignup \
            newsletterbox inscription marketing leadgen ebook
            """, BlockHints.promotion.rawValue
        ),
        (
            """
            cookie cookies cookiebar cookiebanner consent gdpr cmp popup modal overlay lightbox tooltip offcanvas toast \
            cookienotice onetrust didomi
            """, BlockHints.consent.rawValue
        ),
        (
            "authorbio authorbox aboutauthor authorinfo bio biography aboutauthors authorprofile",
            BlockHints.biography.rawValue
        ),
        ("footer foot colophon copyright legal disclaimer imprint impressum correction", BlockHints.footer.rawValue),
        (
            """
            sidebar sidebars sidebar1 sidebar2 widgetarea rightrail leftrail infobox infokasten factbox faktenbox \
            faktabox faktaboks infobulle
            """, BlockHints.sidebar.rawValue
        ),
        ("widget widgets", BlockHints.widget.rawValue),
        (
            """
            image images img photo photos picture pictures gallery slideshow thumbnail thumb media video figure foto \
            fotos bild imagen imagewrapper imagecontainer
            """, BlockHints.image.rawValue
        ),
        ("tweet twittertweet instagrammedia tiktokembed blueskyembed", BlockHints.embed.rawValue),
        ("overflow", BlockHints.overflow.rawValue),
        (
            """
            byline bylines authorname authorlink bylinename
            """, BlockHints.byline.rawValue
        ),
        (
            "postmeta entrymeta articlemeta metadata readtime readingtime meta entryinfo infoline",
            BlockHints.metadata.rawValue
        ),
        (
            """
            caption captions figcaption imagecaption photocaption wpcaption credit credits imagecredit photocredit \
            mediacredit bildunterschrift legende piedefoto
            """, BlockHints.caption.rawValue
        ),
        ("tags taglist tagcloud keywords posttags entrytags articletags postcategories", BlockHints.tags.rawValue),
        ("hidden invisible noprint srreaderonly visuallyhidden printonly hide", BlockHints.hidden.rawValue),
        (
            """
            articlebody storybody storytext articletext articlecontent postcontent entrycontent postbody storycontent \
            newsbody articlecopy bodytext bodycopy maincontent articlebodycontent newstext artikeltext textbody newscontent \
            storybodycontent
            """, BlockHints.body.rawValue
        ),
        (
            "article post entry story news artikel articulo noticia hentry blogpost newsarticle",
            BlockHints.noun.rawValue
        ),
        ("card cards tile tiles", BlockHints.card.rawValue),
        (
            "body content text copy contents inner richtext wysiwyg prose texte texto inhalt",
            BlockHints.content.rawValue
        ),
        (
            """
            lead lede standfirst deck dek subheadline subtitle subheading intro teasertext excerpt summary chapo kicker \
            sapo vorspann strapline abstract
            """, BlockHints.lead.rawValue
        ),
        ("headline title entrytitle posttitle articletitle titel titulo titre", BlockHints.headline.rawValue),
        (
            "date time datetime timestamp published publish pubdate publication posted created updated dateline datum fecha",
            BlockHints.date.rawValue
        ),
        (
            "has with no is not show hide enable tag category cat term without postid parent js",
            BlockHints.modifier.rawValue
        ),
        ("author authors autor writer auteur autore contributor contributors", BlockHints.author.rawValue),
        ("bio box about info card profile description details biography widget", BlockHints.box.rawValue),
    ])

    /// The hints in one attribute's value.
    static func hints(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> BlockHints {
        var result: BlockHints = []
        var name = NameScan()
        for position in range.prefix(512) {
            let byte = bytes[position]
            if byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
                result.formUnion(name.finish(table))
                name = NameScan()
            } else {
                name.append(byte, table)
            }
        }
        result.formUnion(name.finish(table))
        return result
    }

    /// The hints in a `role` attribute.
    static func roleHints(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> BlockHints {
        BlockHints(rawValue: roles.flags(key(bytes, range)))
    }

    /// The hints in an `itemprop` attribute.
    static func propertyHints(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> BlockHints {
        BlockHints(rawValue: properties.flags(key(bytes, range)))
    }

    /// Whether a `style` attribute hides the element.
    static func hides(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> Bool {
        // Only declarations of `display` and `visibility` are of interest; they are compared without white space.
        var compact: [UInt8] = []
        for position in range.prefix(256) where bytes[position] > 0x20 { compact.append(bytes[position] | 0x20) }
        return ByteSearch.contains(compact, Array("display:none".utf8))
            || ByteSearch.contains(compact, Array("visibility:hidden".utf8))
    }

    private static let roles = TokenTable([
        ("navigation menu menubar toolbar tablist banner search", BlockHints.navigation.rawValue),
        ("complementary", BlockHints.sidebar.rawValue),
        ("contentinfo", BlockHints.footer.rawValue),
        ("dialog alertdialog alert tooltip", BlockHints.consent.rawValue),
        ("article", BlockHints.article.rawValue),
    ])

    private static let properties = TokenTable([
        ("articlebody reviewbody text", BlockHints.articleBody.rawValue | BlockHints.body.rawValue),
        ("headline name", BlockHints.headline.rawValue),
        ("author", BlockHints.byline.rawValue),
        ("datepublished datemodified datecreated", BlockHints.date.rawValue),
        ("description", BlockHints.lead.rawValue),
        ("comment", BlockHints.comments.rawValue),
    ])

    private static func key(_ bytes: ContiguousArray<UInt8>, _ range: Range<Int>) -> TokenTable.Key {
        var key = TokenTable.Key()
        for position in range.prefix(16) where bytes[position] > 0x20 { key.append(bytes[position]) }
        return key
    }

    /// The state while one class name is read.
    private struct NameScan {
        private var word = TokenTable.Key()
        private var whole = TokenTable.Key()
        private var found: UInt32 = 0
        private var words = 0
        private var isModifier = false
        private var lastWasLower = false

        mutating func append(_ byte: UInt8, _ table: TokenTable) {
            let isUpper = byte &- 0x41 < 26
            let isLower = byte &- 0x61 < 26
            guard isUpper || isLower || byte &- 0x30 < 10 else {
                endWord(table)
                lastWasLower = false
                return
            }
            if isUpper, lastWasLower { endWord(table) }
            word.append(byte)
            if whole.count < 16 { whole.append(byte) }
            lastWasLower = isLower
        }

        private mutating func endWord(_ table: TokenTable) {
            guard word.count > 0 else { return }
            let flags = word.count <= 16 ? table.flags(word) : 0
            if words == 0, flags & BlockHints.modifier.rawValue != 0 { isModifier = true }
            found |= flags
            words += 1
            word = TokenTable.Key()
        }

        mutating func finish(_ table: TokenTable) -> BlockHints {
            endWord(table)
            if isModifier, words > 1 { return [] }
            var hints = BlockHints(rawValue: found)
            if words > 1 { hints.formUnion(BlockHints(rawValue: table.flags(whole) & 0xFF_FFFF)) }
            // `overflow-hidden` only clips what is too long for the box.
            if hints.contains(.overflow) { hints.remove(.hidden) }
            if hints.contains(.noun) {
                hints.insert(hints.contains(.card) ? .related : hints.contains(.content) ? .body : .article)
            }
            if hints.contains(.author) { hints.insert(hints.contains(.box) ? .biography : .byline) }
            return hints
        }
    }
}
