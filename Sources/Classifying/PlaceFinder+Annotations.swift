extension PlaceFinder {
    /// Gathers the occurrences of each place, most important first.
    func annotations(_ candidates: [Candidate], titled: Set<Int>) -> [ArticlePlace] {
        var order: [Int] = []
        var places: [Int: ArticlePlace] = [:]
        var weights: [Int: Double] = [:]
        let length = Double(max(1, text.scalars.count))
        for candidate in candidates {
            guard let sense = candidate.chosen else { continue }
            if places[sense.entity] == nil {
                places[sense.entity] = make(sense.entity)
                order.append(sense.entity)
            }
            places[sense.entity]?.mentions.append(
                ArticlePlace.Mention(span: candidate.span, isDemonym: sense.isDemonym))
            if candidate.isDateline { places[sense.entity]?.role = .dateline }
            weights[sense.entity, default: 0] += 1 + (1 - Double(candidate.span.start) / length)
        }
        for entity in titled {
            if places[entity] == nil {
                places[entity] = make(entity)
                order.append(entity)
            }
            weights[entity, default: 0] += 3
        }
        let greatest = weights.values.max() ?? 1
        for (entity, weight) in weights { places[entity]?.score = (weight / greatest * 1000).rounded() / 1000 }
        return order.compactMap { places[$0] }.enumerated()
            .sorted { ($0.element.score, -$0.offset) > ($1.element.score, -$1.offset) }.map(\.element)
    }

    private func make(_ entity: Int) -> ArticlePlace {
        let place = gazetteer.place(entity)
        let isArea = place.country.isEmpty
        return ArticlePlace(
            name: gazetteer.name(entity), kind: place.kind, countryCode: isArea ? nil : place.country,
            geonamesID: place.geonamesID == 0 ? nil : place.geonamesID, latitude: place.latitude,
            longitude: place.longitude,
            role: .mention, score: 0, mentions: [])
    }
}
