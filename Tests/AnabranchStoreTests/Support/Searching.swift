import AnabranchCore

@testable import AnabranchStore

extension Store {
  /// The texts found, in order.
  func textsFound(_ query: String, limit: Int = 20) throws -> [String] {
    try search(query, limit: limit).map { hit in
      if let message = hit.message { return try self.message(message)?.message.content?.text ?? "" }
      return try text(hit.text, of: hit.conversation)?.text ?? ""
    }
  }
}

extension TemporaryFolder {
  /// An author who said each text in one conversation.
  func author(saying texts: [String]) throws -> (Author, ObjectID, [ObjectID]) {
    var author = try Author(store())
    let conversation = try author.start("title")
    let messages = try texts.map { try author.say($0, in: conversation) }
    return (author, conversation, messages)
  }
}
