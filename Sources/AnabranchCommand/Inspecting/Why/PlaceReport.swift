internal import Anabranch

/// Why a message stands where it does, as `inspect why MESSAGE place --json` prints it.
struct PlaceReport: Encodable {
  struct Run: Encodable {
    var first: String
    var last: String
    /// How many messages it has.
    var messages: Int

    init(_ run: [MessageRecord]) {
      first = run.first?.id.description ?? ""
      last = run.last?.id.description ?? ""
      messages = run.count
    }
  }

  struct Beside: Encodable {
    var run: Run
    /// The names of those that wrote it; the identifiers of logs where those are not known.
    var devices: [String]
    /// `before` or `after`.
    var reads: String
    var isBranch: Bool
    /// Which two messages decided it, that which went first before the other; empty where nothing did.
    var compared: [String]
    /// `time` or `identifier`.
    @Nullable var rule: String?
  }

  var object: String
  var what = "place"
  var conversation: String
  /// From 1 on.
  var position: Int
  /// How many messages the conversation has.
  var messages: Int
  var parents: [String]
  var startsLine: Bool
  var run: Run
  var beside: [Beside]

  init(_ place: MessagePlace, in record: ConversationRecord, _ names: LogNames) {
    object = place.message.id.description
    conversation = record.summary.id.description
    position = place.position + 1
    messages = record.messages.count
    parents = place.message.parents.map(\.description)
    startsLine = place.message.startsLine
    run = Run(place.run)
    beside = place.beside.map { beside in
      Beside(
        run: Run(beside.run), devices: beside.run.writers(names) { $0.description },
        reads: beside.isBefore ? "before" : "after", isBranch: beside.isBranch,
        compared: beside.compared.map { [$0.first.id.description, $0.second.id.description] } ?? [],
        rule: beside.compared?.rule.rawValue)
    }
  }
}
