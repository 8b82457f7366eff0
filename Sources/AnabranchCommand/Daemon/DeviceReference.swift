internal import Anabranch

/// A device, as it crosses the daemon's socket: by its key, and by nothing else that could name one.
struct DeviceReference: Codable, Sendable {
  let device: Digest

  init(_ device: Digest) {
    self.device = device
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let bytes = Hexadecimal.decode(text), bytes.count == Digest.count, let device = Digest(bytes) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected \(2 * Digest.count) hexadecimal digits")
    }
    self.device = device
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(device.description)
  }
}
