internal import AnabranchCore

/// Entries of a recording as bytes; `docs/format.md` has the layout.
extension RecordingEntry {
  private enum Kind {
    static let started: UInt8 = 0
    static let began: UInt8 = 1
    static let proved: UInt8 = 2
    static let frame: UInt8 = 3
    static let ended: UInt8 = 4
    static let stopped: UInt8 = 5
  }

  /// Bytes of an address, of which no more is kept.
  static let addressBytesMax = 512

  /// The canonical bytes.
  public var canonicalBytes: [UInt8] {
    var writer = ByteWriter()
    func begin(_ kind: UInt8) {
      writer.write(kind)
      writer.write(varint: uptime)
      writer.write(varint: connection)
    }
    switch event {
    case .started(let wall, let hasContents):
      begin(Kind.started)
      writer.write(zigzag: wall)
      writer.write(UInt8(hasContents ? 1 : 0))
    case .began(let beginning):
      begin(Kind.began)
      writer.write(zigzag: beginning.wall)
      writer.write(UInt8(beginning.isDialled ? 1 : 0))
      writer.write(counted: beginning.address.utf8(atMost: Self.addressBytesMax))
    case .proved(let device, let name):
      begin(Kind.proved)
      writer.write(device)
      writer.write(counted: name.utf8(atMost: Limits.nameBytesMax))
    case .frame(let frame):
      begin(Kind.frame)
      frame.write(to: &writer)
    case .ended(let ending):
      begin(Kind.ended)
      ending.write(to: &writer)
    case .stopped:
      begin(Kind.stopped)
    }
    return writer.bytes
  }

  /// Reads an entry, which is all of `bytes`. Throws ``WireError`` for anything else; never traps. O(bytes).
  public init(canonicalBytes bytes: [UInt8]) throws(WireError) {
    var reader = ByteReader(bytes)
    let kind = try reader.byte()
    uptime = try reader.varint()
    connection = try reader.varint()
    switch kind {
    case Kind.started:
      event = .started(wall: try reader.zigzag(), hasContents: try reader.mark())
    case Kind.began:
      event = .began(
        Beginning(
          wall: try reader.zigzag(), isDialled: try reader.mark(),
          address: try reader.text(max: Self.addressBytesMax, "an address")))
    case Kind.proved:
      event = .proved(device: try reader.digest(), name: try reader.text(max: Limits.nameBytesMax, "a name"))
    case Kind.frame: event = .frame(try RecordedFrame(&reader))
    case Kind.ended: event = .ended(try Ending(&reader))
    case Kind.stopped: event = .stopped
    case let other:
      throw WireError(.invalid, "expected an entry of a kind that is known, got \(other)")
    }
    try reader.finish("an entry")
  }
}

extension RecordedFrame {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(direction.rawValue)
    writer.write(kind)
    writer.write(varint: UInt64(bytes))
    var said = ByteWriter()
    summary.write(to: &said)
    writer.write(counted: said.bytes)
    writer.write(varint: UInt64(omitted))
    writer.write(UInt8(contents == nil ? 0 : 1))
    if let contents { writer.write(counted: contents) }
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    direction = try reader.mark() ? .received : .sent
    kind = try reader.byte()
    bytes = try reader.varint32("a number of bytes")
    summary = try FrameSummary(try reader.counted(max: Limits.frameBytesMax, "a summary"))
    omitted = try reader.varint32("a number of entries")
    contents = try reader.mark() ? Array(try reader.counted(max: Limits.frameBytesMax, "a frame")) : nil
  }
}

extension RecordingEntry.Ending {
  fileprivate func write(to writer: inout ByteWriter) {
    writer.write(origin.rawValue)
    writer.write(UInt8(closing == nil ? 0 : 1))
    if let closing {
      writer.write(varint: UInt64(closing.code))
      writer.write(counted: closing.reason.utf8(atMost: Limits.reasonBytesMax))
    }
    writer.write(varint: sentBytes)
    writer.write(varint: receivedBytes)
  }

  fileprivate init(_ reader: inout ByteReader) throws(WireError) {
    let start = reader.position
    guard let origin = Origin(rawValue: try reader.byte()) else {
      throw WireError(.invalid, "expected an end by 0 to 3", offset: start)
    }
    self.origin = origin
    if try reader.mark() {
      closing = Closing(
        code: UInt16(try reader.varint(max: UInt64(UInt16.max), "a code")),
        reason: try reader.text(max: Limits.reasonBytesMax, "a reason"))
    }
    (sentBytes, receivedBytes) = (try reader.varint(), try reader.varint())
  }
}
