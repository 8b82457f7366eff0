internal import AnabranchCore

extension ImportPrecedence {
  /// The precedence of an import of a conversation or a message; nil for any other operation.
  init?(_ held: HeldOperation) {
    let updated: Int64?
    switch held.operation.mutation {
    case .importMessage(let source): updated = source.updated
    case .importConversation(let source): updated = source.updated
    default: return nil
    }
    self.init(updated: updated, content: held.operation.contentHash, operation: held.id)
  }
}
