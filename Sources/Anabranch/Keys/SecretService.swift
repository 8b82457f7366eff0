#if os(Linux)
  internal import AnabranchCore

  /// The keyring of a Linux desktop: whatever answers to the Secret Service (freedesktop.org), through the program
  /// `secret-tool` of libsecret.
  ///
  /// A secret goes through the program's standard streams, as hexadecimal digits; it never stands among arguments or in the
  /// environment. It lies in the collection that is called the default one.
  public struct SecretService: Keyring {
    private let program: String
    private let environment: [String: String]
    private let patience: Duration

    /// How long a person may take to open the keyring when the system asks them.
    public static let patience = Duration.seconds(60)

    /// The keyring that `program`, the path of `secret-tool`, reaches in `environment`, which tells it where the session's bus
    /// is. It is given up after `patience`.
    public init(program: String, environment: [String: String], patience: Duration = patience) {
      self.program = program
      self.environment = environment
      self.patience = patience
    }

    /// See ``Keyring/read(_:)``.
    public func read(_ name: String) throws(AnabranchError) -> [UInt8]? {
      var result = try run(["lookup"] + Self.attributes(name))
      defer { wipe(&result.output) }
      // It says nothing where there is no such secret, nor where the keyring stays locked, and something where it could not look.
      guard result.status != 1 || !result.complaint.isEmpty else { return nil }
      guard result.status == 0 else { throw Self.failed("does not answer", result) }
      if result.output.last == UInt8(ascii: "\n") { result.output.removeLast() }
      guard let secret = Self.decoded(result.output) else {
        throw AnabranchError(
          .damaged, "the system's keyring has something else under the name of the device's key, \(name)")
      }
      return secret
    }

    /// See ``Keyring/write(_:as:)``.
    public func write(_ secret: [UInt8], as name: String) throws(AnabranchError) {
      var digits = Self.encoded(secret)
      defer { wipe(&digits) }
      let result = try run(
        ["store", "--label=Anabranch: the key of this device"] + Self.attributes(name), input: digits)
      guard result.status == 0 else { throw Self.failed("does not keep the key", result) }
    }

    /// See ``Keyring/delete(_:)``.
    public func delete(_ name: String) throws(AnabranchError) {
      let result = try run(["clear"] + Self.attributes(name))
      guard result.status == 0 || (result.status == 1 && result.complaint.isEmpty) else {
        throw Self.failed("does not remove the key", result)
      }
    }

    private static func attributes(_ name: String) -> [String] {
      ["application", "anabranch", "device", name]
    }

    private func run(_ arguments: [String], input: [UInt8] = []) throws(AnabranchError) -> ToolRun.Result {
      try ToolRun(program: program, arguments: arguments, environment: environment, patience: patience).run(
        input: input)
    }

    private static func failed(_ what: String, _ result: ToolRun.Result) -> AnabranchError {
      AnabranchError(
        .noKeyring,
        "the system's keyring \(what): \(result.complaint.isEmpty ? "secret-tool says nothing" : result.complaint)",
        remedy:
          "is a keyring running in this session, and open? on a machine without a desktop, use a passphrase instead")
    }

    // Not by `Hexadecimal`, whose texts nobody can overwrite.

    private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
      let digits = Array("0123456789abcdef".utf8)
      var text: [UInt8] = []
      text.reserveCapacity(2 * bytes.count)
      for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
      return text
    }

    private static func decoded(_ text: [UInt8]) -> [UInt8]? {
      guard text.count.isMultiple(of: 2) else { return nil }
      var bytes: [UInt8] = []
      bytes.reserveCapacity(text.count / 2)
      for index in stride(from: 0, to: text.count, by: 2) {
        guard let high = Hexadecimal.value(of: text[index]), let low = Hexadecimal.value(of: text[index + 1]) else {
          return nil
        }
        bytes.append(high << 4 | low)
      }
      return bytes
    }
  }
#endif
