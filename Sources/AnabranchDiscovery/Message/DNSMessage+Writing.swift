internal import AnabranchWire

extension DNSMessage {
  /// Its bytes. Names are written out: whoever announces one service has room enough.
  public var bytes: [UInt8] {
    var writer = ByteWriter(capacity: 512)
    writer.write(fixed16: 0)
    writer.write(
      fixed16: (isResponse ? Flags.response | Flags.authoritative : 0) | (isTruncated ? Flags.truncated : 0))
    for count in [questions.count, answers.count, 0, additionals.count] {
      writer.write(fixed16: UInt16(clamping: count))
    }
    for question in questions {
      writer.write(question.name)
      writer.write(fixed16: question.type)
      writer.write(fixed16: DNSNumbers.internet | (question.wantsUnicast ? DNSNumbers.topBit : 0))
    }
    for record in answers + additionals { writer.write(record) }
    return writer.bytes
  }
}

extension ByteWriter {
  fileprivate mutating func write(fixed16 value: UInt16) {
    write(UInt8(value >> 8))
    write(UInt8(truncatingIfNeeded: value))
  }

  fileprivate mutating func write(_ name: DomainName) {
    for label in name.labels { write(string: label) }
    write(0)
  }

  /// One byte of length, then as many.
  private mutating func write(string bytes: [UInt8]) {
    precondition(bytes.count <= UInt8.max, "a string of the domain name system has at most 255 bytes")
    write(UInt8(bytes.count))
    write(bytes)
  }

  fileprivate mutating func write(_ record: DNSRecord) {
    var content = ByteWriter()
    let type = content.write(record.content)
    write(record.name)
    write(fixed16: type)
    write(fixed16: DNSNumbers.internet | (record.isFlush ? DNSNumbers.topBit : 0))
    write(fixed: record.timeToLive)
    write(fixed16: UInt16(clamping: content.bytes.count))
    write(content.bytes)
  }

  /// Writes what a record says, and returns its type.
  private mutating func write(_ content: DNSRecord.Content) -> UInt16 {
    switch content {
    case .pointer(let target):
      write(target)
      return DNSNumbers.pointer
    case .service(let priority, let weight, let port, let target):
      for number in [priority, weight, port] { write(fixed16: number) }
      write(target)
      return DNSNumbers.service
    case .text(let strings):
      for string in strings { write(string: string) }
      return DNSNumbers.text
    case .address(let address):
      write(address.bytes)
      return address.isVersion4 ? DNSNumbers.address4 : DNSNumbers.address6
    case .other(let type, let bytes):
      write(bytes)
      return type
    }
  }
}
