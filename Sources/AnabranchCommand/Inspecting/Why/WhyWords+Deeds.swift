internal import Anabranch

/// What somebody did, in words.
extension WhyWords {
  func deed(_ contender: Contender) -> String {
    // To take a message back, and to bring it back, is what undos alone do, and says more by itself.
    let isPlain = facet == .message && [.withdraw, .reinstate].contains(contender.kind)
    if !isPlain, let undid = ActionWords.undid(contender.undoes) { return undid }
    if facet == .message { return deedToMessage(contender) }
    switch contender.kind {
    case .trash: return "deleted it"
    case .restore: return "restored it"
    case _ where facet == .trash:
      return Self.lastDeeds[contender.kind] ?? contender.step.flatMap(ActionWords.deed) ?? "did something to it"
    case .writeRegister:
      switch (facet, contender.value) {
      case (.archived, let value?): return value == "true" ? "archived it" : "brought it back from the archive"
      case (.pinned, let value?): return value == "true" ? "pinned it" : "unpinned it"
      case (_, let value?): return "wrote “\(value)”"
      case (.field, nil): return "took it away"
      case (_, nil): return "wrote what is not on this device"
      }
    case .importConversation:
      switch (facet, contender.value) {
      case (.archived, let value): return "imported it as \(value == nil ? "not " : "")archived"
      case (.pinned, let value): return "imported it as \(value == nil ? "not " : "")pinned"
      case (_, let value?): return "imported “\(value)”"
      case (_, nil): return "imported it without one"
      }
    case .addElement: return "added it"
    case .removeElement: return "removed it"
    case .purge: return "purged it"
    default: return "did something to it"
    }
  }

  /// What somebody did to a conversation last that could keep it out of the trash, or imported into it, as far as more need not be said.
  private static let lastDeeds: [OperationKind: String] = [
    .createConversation: "began it", .reinstate: "brought something of it back",
    .importConversation: "imported it", .importMessage: "imported a message of it",
  ]

  private func deedToMessage(_ contender: Contender) -> String {
    let words = contender.value.map { "“\($0.split(whereSeparator: \.isNewline).joined(separator: " "))”" }
    switch (contender.kind, contender.other) {
    case (.createMessage, let follower?): return "said \(follower.short), which follows it"
    case (.importMessage, let follower?): return "imported \(follower.short), which follows it"
    case (.createMessage, nil) where contender.value == "": return "began it"
    case (.createMessage, nil): return "said \(words ?? "it")"
    case (.importMessage, nil): return "imported \(words ?? "it")"
    case (.withdraw, _): return "took it back"
    case (.reinstate, _): return "brought it back"
    case (.appendText, _): return "went on with it"
    case (.editText, _): return "edited it"
    case (.addElement, _): return "attached a file to it"
    case (.purge, let other): return other == nil ? "purged it" : "purged its conversation"
    case (.trash, _): return "deleted its conversation"
    default: return "did something to it"
    }
  }
}
