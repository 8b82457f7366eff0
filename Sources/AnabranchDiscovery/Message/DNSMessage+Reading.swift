internal import AnabranchCore
public import AnabranchWire

extension DNSMessage {
  /// Reads a message that came by multicast. O(bytes), and never more than ``DiscoveryLimits/entriesMax`` names.
  ///
  /// Throws for what is malformed anywhere, has bytes left over, is another operation than a query, tells of a failure, or is
  /// beyond ``DiscoveryLimits``.
  public init(reading bytes: [UInt8]) throws(WireError) {
    guard bytes.count <= DiscoveryLimits.messageBytesMax else {
      throw WireError(.limit, "expected at most \(DiscoveryLimits.messageBytesMax) bytes, got \(bytes.count)")
    }
    var parser = DNSParser(bytes)
    _ = try parser.number()
    let flags = try parser.number()
    guard flags & (Flags.operation | Flags.failure) == 0 else {
      throw WireError(.invalid, "expected a query or its answer, got the flags \(flags)", offset: 2)
    }
    var counts: [Int] = []
    for _ in 0..<4 { counts.append(Int(try parser.number())) }
    guard counts.reduce(0, +) <= DiscoveryLimits.entriesMax else {
      throw WireError(.limit, "expected at most \(DiscoveryLimits.entriesMax) entries", offset: 4)
    }
    self.init(isResponse: flags & Flags.response != 0, isTruncated: flags & Flags.truncated != 0)
    for _ in 0..<counts[0] { if let question = try parser.question() { questions.append(question) } }
    for _ in 0..<counts[1] { if let record = try parser.record() { answers.append(record) } }
    for _ in 0..<counts[2] { _ = try parser.record() }
    for _ in 0..<counts[3] { if let record = try parser.record() { additionals.append(record) } }
    try parser.finish()
  }
}

/// Reads the parts of a message. Names may lead back into it, so all of it stays at hand.
private struct DNSParser {
  private let bytes: [UInt8]
  private var reader: ByteReader

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    reader = ByteReader(bytes)
  }

  /// Two bytes, the greater first.
  mutating func number() throws(WireError) -> UInt16 {
    try reader.take(2).reduce(0) { $0 << 8 | UInt16($1) }
  }

  func finish() throws(WireError) {
    try reader.finish("a message")
  }

  /// The next question; nil for one of another class.
  mutating func question() throws(WireError) -> DNSQuestion? {
    let name = try name()
    let (type, kind) = (try number(), try number())
    // In a question the class 255 stands for all.
    guard [DNSNumbers.internet, DNSNumbers.any].contains(kind & ~DNSNumbers.topBit) else { return nil }
    return DNSQuestion(name, type: type, wantsUnicast: kind & DNSNumbers.topBit != 0)
  }

  /// The next record; nil for one of another class.
  mutating func record() throws(WireError) -> DNSRecord? {
    let name = try name()
    let (type, kind) = (try number(), try number())
    let timeToLive = try reader.fixed32()
    let length = Int(try number())
    let start = reader.position
    guard length <= reader.remaining else {
      throw WireError(.truncated, "expected \(length) bytes of a record, \(reader.remaining) are left", offset: start)
    }
    let end = start + length
    guard kind & ~DNSNumbers.topBit == DNSNumbers.internet else {
      _ = try reader.take(length)
      return nil
    }
    let content = try content(of: type, length)
    guard reader.position == end else {
      throw WireError(.invalid, "expected a record of \(length) bytes, read \(reader.position - start)", offset: start)
    }
    return DNSRecord(name, content, timeToLive: timeToLive, isFlush: kind & DNSNumbers.topBit != 0)
  }

  private mutating func content(of type: UInt16, _ length: Int) throws(WireError) -> DNSRecord.Content {
    switch type {
    case DNSNumbers.pointer:
      return .pointer(try name())
    case DNSNumbers.service:
      return .service(priority: try number(), weight: try number(), port: try number(), target: try name())
    case DNSNumbers.text:
      return .text(try strings(length))
    case DNSNumbers.address4, DNSNumbers.address6:
      let start = reader.position
      let address = IPAddress(try reader.take(length))
      guard let address, address.isVersion4 == (type == DNSNumbers.address4) else {
        throw WireError(.invalid, "expected an address, got \(length) bytes", offset: start)
      }
      return .address(address)
    default:
      return .other(type: type, bytes: Array(try reader.take(length)))
    }
  }

  private mutating func strings(_ length: Int) throws(WireError) -> [[UInt8]] {
    var inner = ByteReader(try reader.take(length))
    var strings: [[UInt8]] = []
    while inner.remaining > 0 { strings.append(Array(try inner.take(Int(try inner.byte())))) }
    return strings
  }

  /// The next name. A pointer leads to where the rest of it stands, always before where the part that it ends began: so no name
  /// goes round in circles.
  private mutating func name() throws(WireError) -> DomainName {
    var labels: [[UInt8]] = []
    var (size, pointers) = (1, 0)
    var part = reader
    var limit = reader.position
    while true {
      let start = part.position
      let length = try part.byte()
      switch length {
      case 0:
        if pointers == 0 { reader = part }
        return DomainName(labels: labels)
      case 1...UInt8(DiscoveryLimits.labelBytesMax):
        size += 1 + Int(length)
        guard size <= DiscoveryLimits.nameBytesMax else {
          throw WireError(.limit, "expected a name of at most \(DiscoveryLimits.nameBytesMax) bytes", offset: start)
        }
        labels.append(Array(try part.take(Int(length))))
      case 0xc0...:
        let target = Int(length & 0x3f) << 8 | Int(try part.byte())
        pointers += 1
        guard target < limit, pointers <= DiscoveryLimits.pointersMax else {
          throw WireError(.invalid, "expected a pointer back, got one to \(target)", offset: start)
        }
        if pointers == 1 { reader = part }
        limit = target
        part = ByteReader(bytes[target...])
      default:
        throw WireError(.invalid, "expected a label or a pointer, got \(length)", offset: start)
      }
    }
  }
}
