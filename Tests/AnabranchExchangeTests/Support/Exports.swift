/// Small exports written by hand.
enum Exports {
  /// A list of one conversation with these nodes and fields.
  static func list(_ nodes: String, fields: String = "") -> String {
    "[\(conversation(nodes, fields: fields))]"
  }

  static func conversation(_ nodes: String, id: String = "c1", fields: String = "") -> String {
    #"{"title":"Rivers","create_time":1700000000.5,"mapping":{\#(nodes)},\#(fields)"conversation_id":"\#(id)"}"#
  }

  /// A node with a text message; `children` is nil where the key is missing.
  static func node(
    _ id: String, parent: String?, children: [String]? = [], time: String = "null", role: String = "user",
    text: String = "hello"
  ) -> String {
    let message =
      #"{"id":"\#(id)","author":{"role":"\#(role)"},"create_time":\#(time),"content":{"content_type":"text","parts":["\#(text)"]}}"#
    return node(id, parent: parent, children: children, message: message)
  }

  static func node(_ id: String, parent: String?, children: [String]? = [], message: String) -> String {
    let parent = parent.map { "\"\($0)\"" } ?? "null"
    let list = children.map { #""children":[\#($0.map { "\"\($0)\"" }.joined(separator: ","))],"# } ?? ""
    return #""\#(id)":{"id":"\#(id)","parent":\#(parent),\#(list)"message":\#(message)}"#
  }

  /// One conversation with a branch, tools, escapes and unknown fields, its nodes in no good order.
  static let rich = list(
    [
      node("d", parent: "b", time: "1700000003.25", role: "assistant", text: #"two\n\u0000\ud83d\ude00"#),
      node("b", parent: "a", children: ["c", "d"], time: "1700000001", text: "one \\\"quoted\\\""),
      node("root", parent: nil, children: ["a"], message: "null"),
      node("c", parent: "b", time: "1700000002.123456", role: "assistant", text: "Grüße, 世界"),
      node(
        "a", parent: "root", children: ["b"],
        message:
          #"{"author":{"role":"tool","name":"browser"},"content":{"content_type":"code","language":"python","text":"print(1)"},"metadata":{"model_slug":"m-1","z":1,"a":[1.50,{"y":null,"x":true}]},"weight":1.0}"#
      ),
    ].joined(separator: ","),
    fields: #""current_node":"c","update_time":1700000009,"is_archived":true,"voice":null,"#)
}
