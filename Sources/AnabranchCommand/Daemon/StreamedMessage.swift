internal import Anabranch

/// A message whose words come one after the other; it begins with the first that is not blank.
struct StreamedMessage {
  /// Where it goes, and who says it.
  struct Opening: Codable, Sendable {
    var conversation: String
    var role: String
    var model: String?
    var parent: String?
  }

  private let replica: Replica
  private let conversation: ObjectID
  private let opening: Opening
  private let placement: Replica.Placement
  private var message: ObjectID?
  /// Blanks that nothing has followed yet.
  private var blanks = ""

  /// Throws where there is no such conversation, or no such message in it; nothing is written before the first word.
  init(_ opening: Opening, on replica: Replica) async throws {
    self.replica = replica
    self.opening = opening
    conversation = try await replica.find(opening.conversation, .conversation)
    placement =
      if let parent = opening.parent { .after(try await replica.find(parent, .message)) } else { .shown }
  }

  /// Adds `piece`, durable when this returns.
  mutating func append(_ piece: String) async throws {
    guard let message else {
      blanks += piece
      guard !blanks.allSatisfy(\.isWhitespace) else { return }
      let begun = try await replica.beginMessage(
        in: conversation, as: try Request.role(opening.role), model: opening.model, at: placement)
      message = begun
      try await replica.append(blanks, to: begun)
      return
    }
    try await replica.append(piece, to: message)
  }

  /// Seals what came. Throws where nothing did.
  func finish() async throws -> Written {
    guard let message else {
      throw AnabranchError(
        .invalid, "expected a text, got \(blanks.isEmpty ? "nothing" : "blanks alone")",
        remedy: "give it on standard input")
    }
    try await replica.finishMessage(message)
    return Written(conversation: conversation.description, message: message.description)
  }
}
