import Foundation

/// Exports made up for the tests.
enum Histories {
  /// A ChatGPT export: `conversations` of them, each a line of `messages`, the first with a branch as well.
  static func chatGPT(conversations: Int, messages: Int, text: String = "message") -> String {
    let all = (0..<conversations).map { conversation in
      let start = 1_700_000_000 + conversation * 1_000
      var nodes = (0..<messages).map { index in
        node(
          "m\(index)", parent: index == 0 ? nil : "m\(index - 1)", role: index % 2 == 0 ? "user" : "assistant",
          time: "\(start + index).25", text: "\(text) \(index) of \(conversation)")
      }
      if conversation == 0, messages > 1 {
        nodes.append(node("b", parent: "m0", role: "assistant", time: "\(start + 1).5", text: "another answer"))
      }
      return """
        {"id": "c\(conversation)", "title": "Conversation \(conversation)", "create_time": \(start).125,
         "update_time": \(start + 900).5, "current_node": "m\(messages - 1)", "default_model_slug": "gpt-4o",
         "is_archived": \(conversation % 3 == 1), "is_starred": \(conversation % 3 == 2),
         "mapping": {\(nodes.joined(separator: ","))}}
        """
    }
    return "[\(all.joined(separator: ",\n"))]"
  }

  private static func node(_ id: String, parent: String?, role: String, time: String, text: String) -> String {
    """
    "\(id)": {"id": "\(id)", "parent": \(parent.map { "\"\($0)\"" } ?? "null"), "message": {
      "id": "\(id)", "author": {"role": "\(role)"}, "create_time": \(time), "metadata": {"model_slug": "gpt-4o"},
      "content": {"content_type": "text", "parts": ["\(text)"]}}}
    """
  }
}
