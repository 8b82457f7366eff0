internal import Anabranch

/// A device of the space, as `--json` prints it.
struct DeviceReport: Codable, Sendable {
  var name: String
  var device: String
  var fingerprint: String
  var role: String
  var rank: Int
  /// What let it in: a device's fingerprint; null for the recovery phrase.
  @Nullable var enroller: String?
  var isThisOne: Bool

  init(_ record: DeviceRecord) {
    name = record.name
    device = record.device.description
    fingerprint = record.device.fingerprint
    role = record.role.name
    rank = record.rank
    enroller = record.enroller?.fingerprint
    isThisOne = record.isThisOne
  }
}

extension Replica {
  /// The device that a person means by its name, or by the beginning of its fingerprint.
  ///
  /// Throws where there is none, or there are several.
  func findDevice(_ text: String) throws(AnabranchError) -> Digest {
    let all = try devices()
    let digits = text.lowercased().filter { !$0.isWhitespace }
    var found = all.filter { $0.name == text }
    if found.isEmpty, digits.count >= 4 { found = all.filter { $0.device.description.hasPrefix(digits) } }
    // A device that was replaced may be called like the one that took its place.
    if found.count > 1 { found = found.filter { $0.role != .outsider } }
    guard let first = found.first else {
      throw AnabranchError(
        .notFound, "there is no device “\(text)” in this space", remedy: "see `anabranch devices` for those there are")
    }
    guard found.count == 1 else {
      throw AnabranchError(
        .ambiguous, "\(found.count) devices are called “\(text)”",
        remedy: "give the fingerprint that `anabranch devices` shows")
    }
    return first.device
  }

  func report(of device: Digest) throws(AnabranchError) -> DeviceReport? {
    try devices().first { $0.device == device }.map(DeviceReport.init)
  }
}
