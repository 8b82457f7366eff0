internal import Anabranch
internal import AnabranchCore

/// Reads single messages of an OASST tree where ``TreeOutline`` found them.
struct TreeMessageReader {
  /// Reads from the same source as the outline.
  let reader: JSONReader

  /// The message at `node`, its id empty if it has none. `above` is the id of the message it answers.
  ///
  /// Throws `format` where it is not what a message should be.
  func message(
    _ node: TreeOutline.Node, above: String?, oddities: inout Oddities
  ) throws(AnabranchError) -> SourceMessage {
    reader.seek(to: node.place)
    var message = SourceMessage(id: "", parents: [], role: .tool, text: "")
    var verbatim = CanonicalObject()
    var role: String?
    var text: String?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "message_id": message.id = try reader.text(key, orKeepIn: &verbatim) ?? ""
      case "parent_id":
        let parent = try reader.text(key, orKeepIn: &verbatim)
        if let parent, parent != above { verbatim.set(key, to: parent) }
      case "text": text = try reader.text(key, orKeepIn: &verbatim)
      case "role": role = try reader.text(key, orKeepIn: &verbatim)
      case "model_name": message.model = try reader.text(key, orKeepIn: &verbatim)
      case "created_date": message.created = try reader.instant(key, orKeepIn: &verbatim)
      case "replies":
        if let replies = node.replies, replies.lowerBound == reader.offset {
          reader.jump(to: replies.upperBound)
        } else {
          try reader.skip()
        }
      default: verbatim.set(key, toCanonical: try reader.canonical())
      }
    }
    if let known = role.flatMap({ SourceRole.named($0) }) {
      message.role = known.role
    } else {
      oddities.note(
        "unknown-role", "it is not known who speaks in a message; it was taken for a tool's", skipped: false)
      if let role { verbatim.set("role", to: role) }
    }
    if text == nil {
      oddities.note("missing-content", "a message has no text; it stands empty", skipped: false)
    }
    message.text = text ?? ""
    message.verbatim = verbatim.text()
    return message
  }
}
