internal import Anabranch

/// Turns the `content` of a message into text.
///
/// | type | text | kept verbatim |
/// | --- | --- | --- |
/// | `text`, `multimodal_text` | texts and placeholders of `parts`, joined by blank lines | parts, if there are others than one text |
/// | `code`, `execution_output` | `text` | the other fields |
/// | `tether_quote` | title, address and text | the other fields, title and address |
/// | `tether_browsing_display` | `result`, else `summary` | the other fields |
/// | `reasoning_recap` | `content` | the other fields |
/// | `thoughts`, `user_editable_context`, `system_error` and whatever comes next | what is readable in them | all of it |
///
/// In parts that are kept, a text that went to the text is replaced by the number of its bytes in UTF-8,
/// so that no text is stored twice and the parts can be told apart again.
struct ChatGPTContentReader {
  /// A field other than `parts`: the text it is, or else its canonical form.
  private struct Field {
    var key: String
    var text: String?
    var canonical: [UInt8]
  }

  private var type: String?
  private var fields: [Field] = []
  private var parts: ContentParts?
  private var thoughts: [String] = []

  /// Reads the content that `reader` stands at.
  static func read(_ reader: JSONReader) throws(AnabranchError) -> ChatGPTContent {
    switch try reader.kind() {
    case .object:
      var content = ChatGPTContentReader()
      try content.readFields(reader)
      return content.assembled()
    case .string:
      return ChatGPTContent(text: try reader.string(), verbatim: nil, isPresent: true)
    case .array:
      return assembled(try ContentParts.read(reader), CanonicalObject())
    case .null:
      try reader.null()
      return ChatGPTContent(text: "", verbatim: nil, isPresent: false)
    default:
      return ChatGPTContent(text: "", verbatim: try reader.canonical(), isPresent: true)
    }
  }

  private mutating func readFields(_ reader: JSONReader) throws(AnabranchError) {
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let kind = try reader.kind()
      if key == "parts" && kind == .array {
        parts = try ContentParts.read(reader)
      } else if kind == .string {
        let text = try reader.string()
        if key == "content_type" { type = text }
        fields.append(Field(key: key, text: text, canonical: []))
      } else {
        let place = reader.offset
        fields.append(Field(key: key, text: nil, canonical: try reader.canonical()))
        if key == "thoughts" && kind == .array {
          let end = reader.offset
          reader.jump(to: place)
          thoughts = try Self.readThoughts(reader)
          reader.jump(to: end)
        }
      }
    }
  }

  private func assembled() -> ChatGPTContent {
    switch type {
    case nil where parts != nil, "text", "multimodal_text":
      if let parts {
        var rest = remaining(without: type == "text" ? ["content_type"] : [])
        if type == "multimodal_text" { rest.set("content_type", to: "multimodal_text") }
        return Self.assembled(parts, rest)
      }
      return assembled(text("text"), without: ["text"])
    case "code", "execution_output": return assembled(text("text"), without: ["text"])
    case "tether_quote":
      let head = [text("title"), text("url")].filter { !$0.isEmpty }.joined(separator: "\n")
      return assembled(Self.paragraphs([head, text("text")]), without: ["text"])
    case "tether_browsing_display":
      let result = text("result")
      return result.isEmpty
        ? assembled(text("summary"), without: ["summary"]) : assembled(result, without: ["result"])
    case "reasoning_recap": return assembled(text("content"), without: ["content"])
    case "thoughts": return whole(Self.paragraphs(thoughts))
    case "user_editable_context":
      return whole(Self.paragraphs([text("user_profile"), text("user_instructions")]))
    case "system_error":
      return whole([text("name"), text("text")].filter { !$0.isEmpty }.joined(separator: ": "))
    default: return whole(readable())
    }
  }

  /// The best guess at what a person reads in a type nobody has told us of.
  private func readable() -> String {
    if let parts { return parts.text }
    for key in ["text", "result", "content", "summary"] where !text(key).isEmpty { return text(key) }
    return type.map { "[\($0)]" } ?? ""
  }

  private func text(_ key: String) -> String {
    fields.last { $0.key == key }?.text ?? ""
  }

  private func assembled(_ text: String, without keys: Set<String>) -> ChatGPTContent {
    var rest = remaining(without: keys)
    if let parts { rest.set("parts", toCanonical: parts.verbatimWhole()) }
    return ChatGPTContent(
      text: text, verbatim: rest.isEmpty ? nil : rest.bytes(), isPresent: true, files: parts?.files ?? [])
  }

  private func whole(_ text: String) -> ChatGPTContent {
    assembled(text, without: [])
  }

  private static func assembled(_ parts: ContentParts, _ rest: CanonicalObject) -> ChatGPTContent {
    var rest = rest
    if let kept = parts.verbatim() { rest.set("parts", toCanonical: kept) }
    return ChatGPTContent(
      text: parts.text, verbatim: rest.isEmpty ? nil : rest.bytes(), isPresent: true, files: parts.files)
  }

  /// The fields as they stood, but those whose text went to the text.
  private func remaining(without keys: Set<String>) -> CanonicalObject {
    var rest = CanonicalObject()
    for field in fields {
      if let text = field.text {
        if !keys.contains(field.key) { rest.set(field.key, to: text) }
      } else {
        rest.set(field.key, toCanonical: field.canonical)
      }
    }
    return rest
  }

  private static func paragraphs(_ texts: [String]) -> String {
    texts.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  private static func readThoughts(_ reader: JSONReader) throws(AnabranchError) -> [String] {
    var texts: [String] = []
    try reader.beginArray()
    while try reader.nextElement() {
      guard try reader.kind() == .object else {
        if try reader.kind() == .string { texts.append(try reader.string()) } else { try reader.skip() }
        continue
      }
      var summary = ""
      var content = ""
      try reader.beginObject()
      while let key = try reader.nextKey() {
        let isText = try reader.kind() == .string
        switch key {
        case "summary" where isText: summary = try reader.string()
        case "content" where isText: content = try reader.string()
        default: try reader.skip()
        }
      }
      texts += [summary, content]
    }
    return texts
  }
}
