internal import AnabranchCore

/// Entries of a bundle as bytes; `docs/format.md` has the layout.
extension BundleEntry {
  private enum Kind {
    static let about: UInt8 = 0
    static let log: UInt8 = 1
    static let change: UInt8 = 2
    static let view: UInt8 = 3
    static let fault: UInt8 = 4
    static let failure: UInt8 = 5
    static let run: UInt8 = 6
    static let end: UInt8 = 7
  }

  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .about(let origin):
      writer.write(Kind.about)
      origin.write(to: &writer)
    case .log(let header, let parent):
      writer.write(Kind.log)
      writer.write(header.canonicalBytes)
      writer.write(optional: parent?.bytes)
    case .change(let change):
      writer.write(Kind.change)
      change.write(to: &writer)
    case .view(let view):
      writer.write(Kind.view)
      view.write(to: &writer)
    case .fault(let words):
      writer.write(Kind.fault)
      writer.write(counted: words.utf8(atMost: Self.wordsBytesMax))
    case .failure(let property, let seen):
      writer.write(Kind.failure)
      writer.write(varint: UInt64(property))
      writer.write(counted: seen.utf8(atMost: Self.wordsBytesMax))
    case .run(let text):
      writer.write(Kind.run)
      writer.write(counted: text.utf8(atMost: Limits.frameBytesMax))
    case .end(let changes, let views):
      writer.write(Kind.end)
      writer.write(varint: changes)
      writer.write(varint: views)
    }
    return writer.bytes
  }

  /// Reads an entry, which is all of `bytes`. Throws ``WireError`` for anything else; never traps. O(bytes).
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    switch try reader.byte() {
    case Kind.about: self = .about(try BundleOrigin(&reader))
    case Kind.log:
      let header = try LogHeader(&reader)
      self = .log(header, parent: try reader.optionalBytes16().map { LogID($0) })
    case Kind.change: self = .change(try BundledChange(&reader))
    case Kind.view: self = .view(try BundledView(&reader))
    case Kind.fault: self = .fault(try reader.text(max: Self.wordsBytesMax, "a finding"))
    case Kind.failure:
      self = .failure(
        property: try reader.varint32("a property"), seen: try reader.text(max: Self.wordsBytesMax, "what was seen"))
    case Kind.run: self = .run(try reader.text(max: Limits.frameBytesMax, "a run"))
    case Kind.end: self = .end(changes: try reader.varint(), views: try reader.varint())
    case let other: throw WireError(.invalid, "expected an entry of a kind that is known, got \(other)")
    }
    try reader.finish("an entry")
  }
}

extension BundleOrigin {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(counted: program.utf8(atMost: Limits.nameBytesMax))
    writer.write(varint: UInt64(schema))
    writer.write(varint: UInt64(level))
    writer.write(optional: space)
    writer.write(optional: own?.bytes)
    writer.write(UInt8(isRosterBinding ? 1 : 0))
    writer.write(stateHash)
    writer.write(logHash)
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    self.init(
      program: try reader.text(max: Limits.nameBytesMax, "a program"), schema: try reader.varint32("a schema"),
      level: try reader.varint32("a semantics level"), space: try reader.optionalBytes16(),
      own: try reader.optionalBytes16().map { LogID($0) }, isRosterBinding: try reader.mark(),
      stateHash: try reader.digest(), logHash: try reader.digest())
  }
}

extension BundledChange {
  private static let signatureBytes = 64

  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(varint: UInt64(log))
    writer.write(counted: bytes)
    writer.write(UInt8(signature == nil ? 0 : 1))
    if let signature { writer.write(signature) }
    writer.write(count: shapes.count)
    for shape in shapes {
      writer.write(varint: UInt64(shape.place))
      shape.shape.write(to: &writer)
    }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    let log = UInt32(try reader.varint(max: UInt64(Limits.logsMax) - 1, "a log's number"))
    let bytes = Array(try reader.counted(max: Limits.changeBytesMax, "a change"))
    let signature = try reader.mark() ? Array(try reader.take(Self.signatureBytes)) : nil
    self.init(log: log, bytes: bytes, signature: signature, shapes: [])
    for _ in 0..<(try reader.count(max: Limits.operationsMax, of: "shapes", bytesEach: 2)) {
      let start = reader.position
      let place = UInt32(try reader.varint(max: UInt64(Limits.operationsMax) - 1, "a place"))
      guard shapes.last.map({ $0.place < place }) ?? true else {
        throw WireError(.nonCanonical, "expected shapes in ascending order of their places", offset: start)
      }
      shapes.append(Shape(place: place, shape: try ContentShape(&reader)))
    }
  }
}

extension BundledView {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(absolute: conversation)
    writer.write(fingerprint)
    writer.write(count: parts.count)
    for (part, hash) in parts.sorted(by: { $0.key < $1.key }) {
      writer.write(part.rawValue)
      writer.write(hash)
    }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    self.init(try reader.absolute(), fingerprint: try reader.digest(), parts: [:])
    var last: Part?
    for _ in 0..<(try reader.count(max: Part.allCases.count, of: "parts", bytesEach: 1 + Bytes16.count)) {
      let start = reader.position
      guard let part = Part(rawValue: try reader.byte()), last.map({ $0 < part }) ?? true else {
        throw WireError(.invalid, "expected parts that are known, in ascending order", offset: start)
      }
      parts[part] = try reader.bytes16()
      last = part
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(optional bytes: Bytes16?) {
    write(UInt8(bytes == nil ? 0 : 1))
    if let bytes { write(bytes) }
  }
}

extension ByteReader {
  fileprivate mutating func optionalBytes16() throws(WireError) -> Bytes16? {
    try mark() ? try bytes16() : nil
  }
}
