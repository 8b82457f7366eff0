/// What a frame is, by the number that stands before its fields. `docs/protocol.md` lists them.
public enum FrameKind: UInt8, CaseIterable, Hashable, Sendable {
  case hello = 1
  case have = 2
  case logs = 3
  case changes = 4
  case acknowledge = 5
  case credit = 6
  case ping = 7
  case pong = 8
  case close = 9
  case words = 10
  case blobWants = 11
  case blobOffers = 12
  case blobRequest = 13
  case blobOutline = 14
  case blobBlock = 15
  case blobLacks = 16
  case fork = 17
  case welcome = 32
  case request = 33
  case grant = 34
  case denial = 35
  case joined = 36

  /// What people call it, as `docs/protocol.md` does.
  public var name: String {
    switch self {
    case .blobWants: "blob wants"
    case .blobOffers: "blob offers"
    case .blobRequest: "blob request"
    case .blobOutline: "blob outline"
    case .blobBlock: "blob block"
    case .blobLacks: "blob lacks"
    default: "\(self)"
    }
  }
}

extension ByteWriter {
  /// Writes the byte that says of which kind a frame is.
  mutating func write(_ kind: FrameKind) {
    write(kind.rawValue)
  }
}
