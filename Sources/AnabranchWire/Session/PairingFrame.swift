public import AnabranchCore

/// A message between two devices of which one comes in; only on a connection that was made to pair.
public enum PairingFrame: Hashable, Sendable {
  /// The device that lets another one in says what it is called, and what it would let that one in as. Its first word.
  case welcome(name: String, role: MemberRole)
  /// The device that comes in says what it is called, and asks.
  case request(name: String)
  /// It is let in: from now on it belongs to that space.
  case grant(space: Bytes16, role: MemberRole)
  /// It is not; or, from the device that would come in, in place of its next word: it does not come in.
  case denial(reason: String)
  /// It has taken note of that, durably. From here on the connection is a session like any other.
  case joined
}

extension PairingFrame {
  func write(to writer: inout ByteWriter) {
    switch self {
    case .welcome(let name, let role):
      writer.write(FrameKind.welcome)
      writer.write(counted: Array(name.utf8))
      writer.write(role.rawValue)
    case .request(let name):
      writer.write(FrameKind.request)
      writer.write(counted: Array(name.utf8))
    case .grant(let space, let role):
      writer.write(FrameKind.grant)
      writer.write(space)
      writer.write(role.rawValue)
    case .denial(let reason):
      writer.write(FrameKind.denial)
      writer.write(counted: reason.utf8(atMost: Limits.reasonBytesMax))
    case .joined:
      writer.write(FrameKind.joined)
    }
  }

  /// Reads a frame about pairing, whose kind was read already; nil where it is of another kind.
  init?(_ kind: FrameKind, _ reader: inout ByteReader) throws(WireError) {
    switch kind {
    case .welcome: self = .welcome(name: try reader.deviceName(), role: try reader.role(.reader ... .owner))
    case .request: self = .request(name: try reader.deviceName())
    case .grant: self = .grant(space: try reader.bytes16(), role: try reader.role(.reader ... .owner))
    case .denial: self = .denial(reason: try reader.text(max: Limits.reasonBytesMax, "a reason"))
    case .joined: self = .joined
    default: return nil
    }
  }
}

extension ByteReader {
  /// What a device is called: something, in one line.
  fileprivate mutating func deviceName() throws(WireError) -> String {
    let start = position
    let name = try text(max: Limits.nameBytesMax, "a name")
    guard !name.allSatisfy(\.isWhitespace), !name.contains(where: \.isNewline) else {
      throw WireError(.invalid, "expected a device's name in one line", offset: start)
    }
    return name
  }
}

extension String {
  /// As much of it as fits into `count` bytes, cut between two scalars.
  func utf8(atMost count: Int) -> [UInt8] {
    var bytes = Array(utf8.prefix(count))
    while String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
    return bytes
  }
}
