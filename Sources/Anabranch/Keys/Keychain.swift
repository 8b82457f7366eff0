#if canImport(Security)
  internal import Foundation
  internal import Security

  /// The keychain of an Apple platform. It stays on this device: no backup and no other device gets it.
  ///
  /// Written after the documentation of `SecItemAdd` and never run: nobody has built it on such a platform yet.
  public struct Keychain: Keyring {
    /// The user's default keychain, or on iOS the app's.
    public init() {}

    /// See ``Keyring/read(_:)``.
    public func read(_ name: String) throws(AnabranchError) -> [UInt8]? {
      var query = Self.item(name)
      query[kSecReturnData] = true
      query[kSecMatchLimit] = kSecMatchLimitOne
      var found: CFTypeRef?
      let status = SecItemCopyMatching(query as CFDictionary, &found)
      guard status != errSecItemNotFound else { return nil }
      guard status == errSecSuccess, let data = found as? Data else { throw Self.failed("does not answer", status) }
      return Array(data)
    }

    /// See ``Keyring/write(_:as:)``.
    public func write(_ secret: [UInt8], as name: String) throws(AnabranchError) {
      var data = Data(secret)
      defer { data.resetBytes(in: data.startIndex..<data.endIndex) }
      var status = SecItemUpdate(Self.item(name) as CFDictionary, [kSecValueData: data] as CFDictionary)
      if status == errSecItemNotFound {
        var item = Self.item(name)
        item[kSecValueData] = data
        item[kSecAttrLabel] = "Anabranch: the key of this device"
        item[kSecAttrAccessible] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        status = SecItemAdd(item as CFDictionary, nil)
      }
      guard status == errSecSuccess else { throw Self.failed("does not keep the key", status) }
    }

    /// See ``Keyring/delete(_:)``.
    public func delete(_ name: String) throws(AnabranchError) {
      let status = SecItemDelete(Self.item(name) as CFDictionary)
      guard status == errSecSuccess || status == errSecItemNotFound else {
        throw Self.failed("does not remove the key", status)
      }
    }

    private static func item(_ name: String) -> [CFString: Any] {
      [kSecClass: kSecClassGenericPassword, kSecAttrService: "anabranch", kSecAttrAccount: name]
    }

    private static func failed(_ what: String, _ status: OSStatus) -> AnabranchError {
      let words = SecCopyErrorMessageString(status, nil) as String? ?? "error \(status)"
      return AnabranchError(.noKeyring, "the keychain \(what): \(words)", remedy: "unlock it, and try again")
    }
  }
#endif
