/// The JSON form of annotations: one object for each occurrence of a place or an actor.
struct ClassifyAnswer: Encodable {
    struct Topic: Encodable {
        var code: String
        var name: String
        var score: Double
    }

    struct Place: Encodable {
        var start: Int
        var end: Int
        var name: String
        var kind: String
        var country: String?
        var geonameid: Int?
        var lat: Double
        var lon: Double
        var role: String
        var score: Double
        var demonym: Bool
    }

    struct Actor: Encodable {
        var start: Int
        var end: Int
        /// `PER` or `ORG`.
        var type: String
        var kind: String
        var name: String
        var salience: Double
    }

    struct Span: Encodable {
        var start: Int
        var end: Int
        var name: String?
    }

    struct Quote: Encodable {
        var start: Int
        var end: Int
        /// The parts as pairs of start and end, where there is more than one.
        var spans: [[Int]]?
        var text: String
        var speaker: Span?
        var cue: String?
        var direct: Bool
    }

    struct Event: Encodable {
        var event: String
        var code: String
        var start: Int
        var end: Int
        var trigger: String
        var source: Span?
        var target: Span?
        var score: Double
    }

    var id: RecordID?
    var language: String?
    var topics: [Topic]
    var places: [Place]
    var actors: [Actor]
    var quotes: [Quote]
    var events: [Event]
    var ms: Double

    init(id: RecordID?, annotations: ArticleAnnotations, milliseconds: Double) {
        self.id = id
        language = annotations.language
        ms = milliseconds
        topics = annotations.topics.map { Topic(code: $0.code, name: $0.name, score: $0.score) }
        places = annotations.places.flatMap(Self.places).sorted { $0.start < $1.start }
        actors = annotations.actors.flatMap(Self.actors).sorted { $0.start < $1.start }
        quotes = annotations.quotes.map { quote in
            Quote(
                start: quote.span.start, end: quote.span.end,
                spans: quote.parts.count > 1 ? quote.parts.map { [$0.start, $0.end] } : nil, text: quote.text,
                speaker: quote.speakerSpan.map { Span(start: $0.start, end: $0.end, name: quote.speaker) },
                cue: quote.cue,
                direct: true)
        }
        events = annotations.events.map { event in
            Event(
                event: event.name, code: event.code, start: event.span.start, end: event.span.end,
                trigger: event.trigger,
                source: event.actorSpan.map { Span(start: $0.start, end: $0.end, name: event.actor) },
                target: event.targetSpan.map { Span(start: $0.start, end: $0.end, name: event.target) },
                score: event.score)
        }
    }

    private static func places(_ place: ArticlePlace) -> [Place] {
        place.mentions.map { mention in
            Place(
                start: mention.span.start, end: mention.span.end, name: place.name, kind: place.kind.rawValue,
                country: place.countryCode,
                geonameid: place.geonamesID, lat: place.latitude, lon: place.longitude, role: place.role.rawValue,
                score: place.score,
                demonym: mention.isDemonym)
        }
    }

    private static func actors(_ actor: ArticleActor) -> [Actor] {
        actor.mentions.map { span in
            Actor(
                start: span.start, end: span.end, type: actor.kind == .person ? "PER" : "ORG",
                kind: actor.kind.rawValue, name: actor.name,
                salience: actor.salience)
        }
    }
}
