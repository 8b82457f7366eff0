internal import AnabranchCore

/// Shapes of contents as bytes; `docs/format.md` has the layout.
extension ContentShape {
  private enum Kind {
    static let text: UInt8 = 1
    static let flag: UInt8 = 2
    static let value: UInt8 = 3
    static let field: UInt8 = 4
    static let message: UInt8 = 5
    static let conversation: UInt8 = 6
    static let attachment: UInt8 = 7
    static let piece: UInt8 = 8
    static let opaque: UInt8 = 9
  }

  func write(to writer: inout ByteWriter) {
    switch self {
    case .text(let scalars):
      writer.write(Kind.text)
      writer.write(varint: UInt64(scalars))
    case .flag(let flag):
      writer.write(Kind.flag)
      writer.write(UInt8(flag ? 1 : 0))
    case .value(let pseudonym):
      writer.write(Kind.value)
      writer.write(pseudonym.bytes)
    case .field(let name, let value):
      writer.write(Kind.field)
      writer.write(name.bytes)
      writer.write([value])
    case .message(let message):
      writer.write(Kind.message)
      writer.write(varint: UInt64(message.scalars))
      writer.write([message.text, message.author, message.model, message.verbatim])
    case .conversation(let conversation):
      writer.write(Kind.conversation)
      writer.write([conversation.title, conversation.model, conversation.verbatim, conversation.current])
      writer.write(UInt8(conversation.archived ? 1 : 0))
      writer.write(UInt8(conversation.pinned ? 1 : 0))
    case .attachment(let file):
      writer.write(Kind.attachment)
      writer.write(file.name.bytes)
      writer.write([file.mediaType, file.blob, file.sourceID])
    case .piece:
      writer.write(Kind.piece)
    case .opaque(let pseudonym):
      writer.write(Kind.opaque)
      writer.write(pseudonym.bytes)
    }
  }

  init(_ reader: inout ByteReader) throws(WireError) {
    let start = reader.position
    switch try reader.byte() {
    case Kind.text: self = .text(scalars: try reader.scalars())
    case Kind.flag: self = .flag(try reader.mark())
    case Kind.value: self = .value(try reader.pseudonym())
    case Kind.field: self = .field(name: try reader.pseudonym(), value: try reader.optionalPseudonym())
    case Kind.message:
      self = .message(
        Message(
          scalars: try reader.scalars(), text: try reader.optionalPseudonym(), author: try reader.optionalPseudonym(),
          model: try reader.optionalPseudonym(), verbatim: try reader.optionalPseudonym()))
    case Kind.conversation:
      self = .conversation(
        Conversation(
          title: try reader.optionalPseudonym(), model: try reader.optionalPseudonym(),
          verbatim: try reader.optionalPseudonym(), current: try reader.optionalPseudonym(),
          archived: try reader.mark(), pinned: try reader.mark()))
    case Kind.attachment:
      self = .attachment(
        Attachment(
          name: try reader.pseudonym(), mediaType: try reader.optionalPseudonym(), blob: try reader.optionalPseudonym(),
          sourceID: try reader.optionalPseudonym()))
    case Kind.piece: self = .piece
    case Kind.opaque: self = .opaque(try reader.pseudonym())
    case let other: throw WireError(.invalid, "expected a shape of kind 1 to 9, got \(other)", offset: start)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ pseudonyms: [Pseudonym?]) {
    for pseudonym in pseudonyms {
      write(UInt8(pseudonym == nil ? 0 : 1))
      if let pseudonym { write(pseudonym.bytes) }
    }
  }
}

extension ByteReader {
  fileprivate mutating func pseudonym() throws(WireError) -> Pseudonym {
    Pseudonym(try bytes16())
  }

  fileprivate mutating func optionalPseudonym() throws(WireError) -> Pseudonym? {
    try mark() ? try pseudonym() : nil
  }

  fileprivate mutating func scalars() throws(WireError) -> UInt32 {
    UInt32(try varint(max: UInt64(ContentShape.scalarsMax), "a number of scalars"))
  }

  /// A byte that is 0 or 1.
  mutating func mark() throws(WireError) -> Bool {
    try varint(max: 1, "a mark") == 1
  }
}
