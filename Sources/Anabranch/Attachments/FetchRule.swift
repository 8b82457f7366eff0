/// Which attached files a device fetches by itself.
enum FetchRule: Equatable {
  /// All.
  case all
  /// Only those that somebody asks for.
  case none
  /// Those of at most so many bytes.
  case upTo(UInt64)

  /// The rule that a setting's value stands for; nil where it stands for none.
  init?(_ text: String) {
    switch text.lowercased() {
    case "all": self = .all
    case "none": self = .none
    case let size:
      guard let bytes = Self.bytes(size) else { return nil }
      self = .upTo(bytes)
    }
  }

  /// The most bytes of a file that is fetched without being asked for; nil where none is.
  var bytesMax: UInt64? {
    switch self {
    case .all: .max
    case .none: nil
    case .upTo(let bytes): bytes
    }
  }

  /// A number of bytes, or of kB, MB or GB, then also with a fraction.
  private static func bytes(_ size: String) -> UInt64? {
    let number = size.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let unit = size.dropFirst(number.count).filter { !$0.isWhitespace }
    guard let factor = units[unit] else { return nil }
    if let count = UInt64(number) {
      let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
      return overflow ? nil : bytes
    }
    guard factor > 1, let part = Double(number), part.isFinite else { return nil }
    return UInt64(exactly: (part * Double(factor)).rounded())
  }

  private static let units: [String: UInt64] = [
    "": 1, "b": 1, "kb": 1_000, "mb": 1_000_000, "gb": 1_000_000_000,
  ]
}

extension Replica {
  /// The setting that says which attached files a device fetches by itself: `all`, `none`, or those up to a size, such as
  /// `10 MB`. Set on a device alone it counts before what all devices share; set nowhere, all are fetched.
  public static let fetchSetting = "attachments.fetch"

  /// Throws ``AnabranchError/Code/invalid`` where ``fetchSetting`` is to be no rule.
  static func checkFetchRule(_ name: String, _ value: String?) throws(AnabranchError) {
    guard name == fetchSetting, let value, FetchRule(value) == nil else { return }
    throw AnabranchError(
      .invalid, "expected all, none or a size such as 10 MB, got “\(value)”",
      remedy: "take the setting away and all attached files are fetched")
  }

  /// What this device fetches by itself.
  func fetchRule() throws(AnabranchError) -> FetchRule {
    for settings in [try localSettings(), try settings()] {
      if let rule = settings.first(where: { $0.name == Self.fetchSetting }).flatMap({ FetchRule($0.value) }) {
        return rule
      }
    }
    return .all
  }
}
