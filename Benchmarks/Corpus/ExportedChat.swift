internal import Foundation

/// A generated history in the form of ChatGPT's data export, a conversation at a time.
struct ExportedChat: Sequence, IteratorProtocol {
  private var left: Int
  private var number = 0

  /// A history of so many messages.
  init(messages: Int) {
    left = messages
  }

  /// The next conversation, as an element of the export's list.
  mutating func next() -> Data? {
    guard left > 0 else { return nil }
    let count = Swift.min(left, GeneratedChat.messagesPerConversation)
    left -= count
    defer { number += 1 }
    return Data(Self.conversation(number, Array(GeneratedChat(messages: count, seed: UInt64(number)))).utf8)
  }

  private static func conversation(_ number: Int, _ messages: [Message]) -> String {
    let names = messages.indices.map { String(format: "%08x-0000-4000-8000-%012x", number, $0) }
    var text = """
      {"id": "conversation-\(number)", "title": "Conversation \(number)", "create_time": \(seconds(messages.first)), \
      "update_time": \(seconds(messages.last)), "current_node": "\(names.last ?? "")", "mapping": {
      """
    for (index, message) in messages.enumerated() {
      let parent = index == 0 ? "null" : "\"\(names[index - 1])\""
      let children = index + 1 < names.count ? "\"\(names[index + 1])\"" : ""
      // The words of the corpus need no escaping.
      text += """
        \(index == 0 ? "" : ", ")"\(names[index])": {"id": "\(names[index])", "parent": \(parent), \
        "children": [\(children)], "message": {"id": "\(names[index])", "author": {"role": "\(message.role)", \
        "name": null, "metadata": {}}, "create_time": \(seconds(message)), "content": {"content_type": "text", \
        "parts": ["\(message.body)"]}, "status": "finished_successfully", "end_turn": true, "weight": 1.0, \
        "metadata": {}, "recipient": "all"}}
        """
    }
    return text + "}}"
  }

  private static func seconds(_ message: Message?) -> String {
    String(format: "%.3f", Double(message?.created ?? 0) / 1000)
  }
}
