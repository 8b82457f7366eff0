internal import Anabranch

/// What is known of whether another device has a change, as `inspect show --json` prints it.
struct HoldingReport: Encodable {
  /// What people call the device.
  var device: String
  /// Its public key.
  var key: String
  /// Why it counts as having it, or why that is not known.
  var reason: String
  private let holding: Holding

  private enum CodingKeys: String, CodingKey { case device, key, reason }

  init(_ device: Holders.Device, _ holding: Holding) {
    (self.device, key) = (device.name, device.device.description)
    (self.holding, reason) = (holding, holding.rawValue)
  }

  /// The device, and what is to be said beside that it has it, or may have it.
  var words: String {
    switch holding {
    case .said, .unsaid: device
    case .saidBefore: "\(device) (said so before it went on in another log)"
    case .wrote: "\(device) (wrote it)"
    case .wroteBefore: "\(device) (wrote it, in a log that it writes no more)"
    case .wroteOutside: "\(device) (wrote it, and does not belong to this history)"
    case .neverMet: "\(device) (never met)"
    }
  }
}
