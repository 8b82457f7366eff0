internal import Anabranch

/// What can be looked at beside the graph.
enum Pane: Int, CaseIterable, Sendable {
  case change, why, peers, conflicts, diverged

  var title: String {
    switch self {
    case .change: "Change"
    case .why: "Why"
    case .peers: "Peers"
    case .conflicts: "Conflicts"
    case .diverged: "Diverged"
    }
  }

  /// Whether it is about the change that is chosen, and not about all of the history.
  var isOfChange: Bool {
    switch self {
    case .change, .why, .diverged: true
    case .peers, .conflicts: false
    }
  }

  /// The next one, or with a negative step the one before; after the last one the first.
  func advanced(by step: Int) -> Pane {
    let count = Self.allCases.count
    return Self.allCases[((rawValue + step) % count + count) % count]
  }
}

/// Something that a change did, and why that is as it is.
enum WhyPart: Sendable {
  case value(WhyWords)
  /// Where a message is read that it wrote.
  case place(MessagePlace, in: ConversationRecord, names: LogNames)
  /// A text that it edited.
  case text(ExplainedText, EditedText, names: LogNames)

  func text(_ style: Style) -> String {
    switch self {
    case .value(let words): words.text(style)
    case .place(let place, let record, let names):
      PlaceView(place: place, record: record, names: names, style: style).text
    case .text(let told, let edited, let names):
      TextWhyView(
        told: told, text: edited.text, object: edited.object, names: names, style: style,
        more: "`anabranch inspect why \(edited.object.short) \(edited.text.rawValue) --limit`"
      ).lines.joined(separator: "\n")
    }
  }
}

/// A text that a change edited.
struct EditedText: Hashable, Sendable {
  let object: ObjectID
  let text: WhyText
}

/// What a pane shows.
enum PaneContent: Sendable {
  case change(ChangeReport)
  case why([WhyPart])
  case peers([LackReport])
  case conflicts([Conflict], names: LogNames)
  /// Conversations, of so many that diverged.
  case diverged([ConversationRecord], count: Int, names: LogNames)
  /// Words instead of it: that there is nothing, or what went wrong.
  case note(String)

  /// As text, in the words of the command that shows the same.
  func text(_ style: Style) -> String {
    switch self {
    case .change(let report): report.text(style)
    case .why(let parts): parts.map { $0.text(style) }.joined(separator: "\n\n")
    case .peers(let reports): LackReport.text(reports, style)
    case .conflicts(let conflicts, let names):
      conflicts.map { ConflictView(conflict: $0, names: names).text(style) }.joined(separator: "\n\n")
    case .diverged(let records, let count, let names):
      DivergedView.text(records, of: count, names, style, more: "`anabranch inspect diverged --limit`")
    case .note(let words):
      TextWidth.wrap(words, style.columns).map { style.dim(String($0)) }.joined(separator: "\n")
    }
  }
}
