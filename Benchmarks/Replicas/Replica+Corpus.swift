internal import Anabranch

/// The conversations of a corpus, by the names that it has for them.
typealias Conversations = [String: ObjectID]

extension Replica {
  /// Says `messages` one after the other, `batch` of them in one transaction, each as a change of its own.
  func say(
    _ messages: ArraySlice<Message>, at clock: CorpusClock, batch: Int, in conversations: inout Conversations
  ) throws {
    var rest = messages
    while !rest.isEmpty {
      let piece = rest.prefix(batch)
      rest = rest.dropFirst(batch)
      if batch == 1 {
        for message in piece { try say(message, at: clock, in: &conversations) }
      } else {
        try asOne { () throws(AnabranchError) in
          for message in piece { try say(message, at: clock, in: &conversations) }
        }
      }
    }
  }

  private func say(_ message: Message, at clock: CorpusClock, in conversations: inout Conversations)
    throws(AnabranchError)
  {
    clock.set(message.created)
    let conversation: ObjectID
    if let known = conversations[message.conversation] {
      conversation = known
    } else {
      conversation = try newConversation(message.conversation)
      conversations[message.conversation] = conversation
    }
    try say(message.body, in: conversation, as: message.role == "user" ? .user : .assistant)
  }
}
