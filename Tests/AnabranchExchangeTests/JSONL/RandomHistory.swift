import Anabranch
import AnabranchCore
import SeededRandom

@testable import AnabranchExchange

/// Histories made at random that keep the promises of a reader.
enum RandomHistory {
  static func events(_ random: inout RandomStream) -> [HistoryEvent] {
    var events: [HistoryEvent] = []
    for _ in 0..<random.below(4) {
      events.append(.conversation(conversation(&random)))
      var ids: [String] = []
      var answered: Set<[String]> = []
      for position in 0..<random.below(6) {
        var message = message(&random, id: "\(position)\(RandomJSON.text(&random))", above: ids)
        if !answered.insert(message.parents).inserted { message.startsLine = true }
        ids.append(message.id)
        events.append(.message(message))
      }
    }
    return events
  }

  private static func conversation(_ random: inout RandomStream) -> SourceConversation {
    var value = SourceConversation(source: RandomJSON.text(&random), id: RandomJSON.text(&random))
    value.title = maybeText(&random)
    value.created = maybeInstant(&random)
    value.updated = maybeInstant(&random)
    value.current = maybeText(&random)
    value.archived = random.below(2) == 0
    value.pinned = random.below(2) == 0
    value.trashed = random.below(2) == 0
    value.tags = (0..<random.below(3)).map { _ in RandomJSON.text(&random) }
    value.folders = (0..<random.below(3)).map { _ in RandomJSON.text(&random) }
    value.fields = (0..<random.below(3)).map { FieldRecord(name: "\($0)", value: RandomJSON.text(&random)) }
    value.notes = maybeText(&random) ?? ""
    value.draft = maybeText(&random) ?? ""
    value.model = maybeText(&random)
    value.verbatim = maybeVerbatim(&random)
    return value
  }

  private static func message(_ random: inout RandomStream, id: String, above: [String]) -> SourceMessage {
    let parents = above.filter { _ in random.below(3) == 0 }
    let role = Role(rawValue: UInt8(truncatingIfNeeded: random.below(6)))
    var value = SourceMessage(id: id, parents: parents, role: role, text: RandomJSON.text(&random))
    value.startsLine = random.below(2) == 0
    value.author = maybeText(&random)
    value.model = maybeText(&random)
    value.created = maybeInstant(&random)
    value.verbatim = maybeVerbatim(&random)
    return value
  }

  private static func maybeText(_ random: inout RandomStream) -> String? {
    random.below(2) == 0 ? nil : RandomJSON.text(&random)
  }

  private static func maybeInstant(_ random: inout RandomStream) -> Int64? {
    switch random.below(4) {
    case 0: nil
    case 1: Int64(bitPattern: random.next())
    default: Int64(random.next() >> 23)
    }
  }

  private static func maybeVerbatim(_ random: inout RandomStream) -> String? {
    switch random.below(4) {
    case 0: return nil
    case 1: return RandomJSON.text(&random)
    case 2: return RandomJSON.value(&random, depth: 2).text(&random)
    default:
      var object = CanonicalObject()
      for _ in 0...random.below(3) { object.set(RandomJSON.text(&random), to: RandomJSON.text(&random)) }
      return object.text()
    }
  }
}
