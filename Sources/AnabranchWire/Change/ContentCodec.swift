public import AnabranchCore

/// Contents with several fields: pairs of a tag and bytes, tags ascending. Unknown tags are passed over.
private enum Tag {
  static let text: UInt64 = 1
  static let author: UInt64 = 2
  static let model: UInt64 = 3
  static let verbatim: UInt64 = 4
  static let current: UInt64 = 5
  static let archived: UInt64 = 6
  static let pinned: UInt64 = 7
  static let value: UInt64 = 2
  static let mediaType: UInt64 = 2
  static let byteCount: UInt64 = 3
  static let blob: UInt64 = 4
  static let sourceID: UInt64 = 5
}

extension MessageContent {
  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter(capacity: text.utf8.count + 16)
    writer.write(Tag.text, text)
    writer.write(Tag.author, author)
    writer.write(Tag.model, model)
    writer.write(Tag.verbatim, verbatim)
    return writer.bytes
  }

  /// Reads a content; nil where the bytes are none.
  public init?(canonicalBytes: ArraySlice<UInt8>) {
    guard let fields = try? readFields(canonicalBytes) else { return nil }
    self.init(
      text: fields.text(Tag.text) ?? "", author: fields.text(Tag.author), model: fields.text(Tag.model),
      verbatim: fields.text(Tag.verbatim))
  }
}

extension FieldContent {
  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(Tag.text, name)
    writer.write(Tag.value, value)
    return writer.bytes
  }

  /// Reads a content; nil where the bytes are none, or have no name.
  public init?(canonicalBytes: ArraySlice<UInt8>) {
    guard let fields = try? readFields(canonicalBytes), let name = fields.text(Tag.text) else { return nil }
    self.init(name: name, value: fields.text(Tag.value))
  }
}

extension AttachmentContent {
  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter(capacity: 96)
    writer.write(Tag.text, name)
    writer.write(Tag.mediaType, mediaType)
    writer.write(
      Tag.byteCount,
      field: byteCount.map { count in
        var field = ByteWriter(capacity: 10)
        field.write(varint: count)
        return field.bytes
      })
    writer.write(Tag.blob, field: blob?.digest.bytes)
    writer.write(Tag.sourceID, sourceID)
    return writer.bytes
  }

  /// Reads a content; nil where the bytes are none, or have no name.
  public init?(canonicalBytes: ArraySlice<UInt8>) {
    guard let fields = try? readFields(canonicalBytes), let name = fields.text(Tag.text) else { return nil }
    self.init(name: name, mediaType: fields.text(Tag.mediaType), sourceID: fields.text(Tag.sourceID))
    if let bytes = fields[Tag.byteCount] {
      var reader = ByteReader(bytes)
      byteCount = try? reader.varint()
    }
    if let bytes = fields[Tag.blob], bytes.count == Digest.count { blob = Digest(bytes).map { BlobID($0) } }
  }
}

extension ConversationContent {
  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    writer.write(Tag.text, title)
    writer.write(Tag.model, model)
    writer.write(Tag.verbatim, verbatim)
    writer.write(Tag.current, field: current?.bytes)
    writer.write(Tag.archived, field: archived ? [] : nil)
    writer.write(Tag.pinned, field: pinned ? [] : nil)
    return writer.bytes
  }

  /// Reads a content; nil where the bytes are none.
  public init?(canonicalBytes: ArraySlice<UInt8>) {
    guard let fields = try? readFields(canonicalBytes) else { return nil }
    self.init(
      title: fields.text(Tag.text), current: fields[Tag.current].flatMap { Bytes16($0) },
      model: fields.text(Tag.model), verbatim: fields.text(Tag.verbatim), archived: fields[Tag.archived] != nil,
      pinned: fields[Tag.pinned] != nil)
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ tag: UInt64, _ text: String?) {
    write(tag, field: text.map { Array($0.utf8) })
  }

  fileprivate mutating func write(_ tag: UInt64, field: [UInt8]?) {
    guard let field else { return }
    write(varint: tag)
    write(counted: field)
  }
}

extension [UInt64: ArraySlice<UInt8>] {
  fileprivate func text(_ tag: UInt64) -> String? {
    self[tag].flatMap { String(utf8: $0) }
  }
}

private func readFields(_ bytes: ArraySlice<UInt8>) throws(WireError) -> [UInt64: ArraySlice<UInt8>] {
  var reader = ByteReader(bytes)
  var fields: [UInt64: ArraySlice<UInt8>] = [:]
  var last: UInt64 = 0
  while reader.remaining > 0 {
    let tag = try reader.varint()
    guard tag > last else {
      throw WireError(.nonCanonical, "expected fields in ascending order", offset: reader.position)
    }
    fields[tag] = try reader.counted(max: bytes.count, "a field")
    last = tag
  }
  return fields
}
