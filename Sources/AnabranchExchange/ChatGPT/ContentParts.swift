internal import Anabranch

/// The `parts` of a content: texts, and pointers to images, sounds and other things.
struct ContentParts {
  private enum Part {
    case text(String)
    case other(placeholder: String, canonical: [UInt8])
  }

  private var parts: [Part] = []
  /// The files that the parts point to.
  private(set) var files: [SourceAttachment] = []

  /// Reads the list that `reader` stands at.
  static func read(_ reader: JSONReader) throws(AnabranchError) -> ContentParts {
    var result = ContentParts()
    try reader.beginArray()
    while try reader.nextElement() {
      if try reader.kind() == .string {
        result.parts.append(.text(try reader.string()))
      } else {
        let start = reader.offset
        let canonical = try reader.canonical()
        let end = reader.offset
        reader.jump(to: start)
        result.parts.append(.other(placeholder: try placeholder(reader), canonical: canonical))
        reader.jump(to: start)
        if try reader.kind() == .object { result.files += try AssetList.pointers(reader) }
        reader.jump(to: end)
      }
    }
    return result
  }

  /// Texts and placeholders, joined by blank lines; empty ones leave no gap.
  var text: String {
    let shown = parts.map { part in
      switch part {
      case .text(let text): text
      case .other(let placeholder, _): placeholder
      }
    }
    return shown.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// What ``text`` does not tell, as a list: other parts as they stood, texts as their length in bytes; nil if
  /// there is one text and nothing else, or nothing at all.
  func verbatim() -> [UInt8]? {
    if parts.isEmpty { return nil }
    if parts.count == 1, case .text = parts[0] { return nil }
    return list { Array(String($0.utf8.count).utf8) }
  }

  /// All parts as they stood.
  func verbatimWhole() -> [UInt8] {
    list { text in
      var bytes: [UInt8] = []
      JSONEscaping.append(text, to: &bytes)
      return bytes
    }
  }

  private func list(_ spelling: (String) -> [UInt8]) -> [UInt8] {
    var output: [UInt8] = [UInt8(ascii: "[")]
    for (position, part) in parts.enumerated() {
      if position > 0 { output.append(UInt8(ascii: ",")) }
      switch part {
      case .text(let text): output += spelling(text)
      case .other(_, let canonical): output += canonical
      }
    }
    output.append(UInt8(ascii: "]"))
    return output
  }

  /// What stands for a part that is no text: `[image]` for `image_asset_pointer`, a transcription's own text.
  private static func placeholder(_ reader: JSONReader) throws(AnabranchError) -> String {
    guard try reader.kind() == .object else {
      let isNull = try reader.kind() == .null
      try reader.skip()
      return isNull ? "" : "[part]"
    }
    var type = "part"
    var spoken: String?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      let isText = try reader.kind() == .string
      switch key {
      case "content_type" where isText: type = try reader.string()
      case "text" where isText: spoken = try reader.string()
      default: try reader.skip()
      }
    }
    if let spoken, !spoken.isEmpty { return spoken }
    let suffix = "_asset_pointer"
    return "[\(type.hasSuffix(suffix) ? String(type.dropLast(suffix.count)) : type)]"
  }
}
