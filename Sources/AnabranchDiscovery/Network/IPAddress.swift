public import AnabranchCore

/// An address of the Internet Protocol, of either version.
public enum IPAddress: Hashable, Sendable {
  /// Of version 4.
  case version4(UInt32)
  /// Of version 6.
  case version6(Bytes16)

  /// The address of those bytes, in the order of the network; nil unless there are 4 or 16.
  public init?(_ bytes: some Collection<UInt8>) {
    switch bytes.count {
    case 4:
      self = .version4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    case Bytes16.count:
      guard let address = Bytes16(bytes) else { return nil }
      self = .version6(address)
    default:
      return nil
    }
  }

  /// Its bytes, in the order of the network.
  public var bytes: [UInt8] {
    switch self {
    case .version4(let address): [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: address >> UInt32($0)) }
    case .version6(let address): address.bytes
    }
  }

  /// Whether it is one of version 4.
  public var isVersion4: Bool {
    if case .version4 = self { true } else { false }
  }

  /// Whether it means something on one link alone, so that it says nothing without the link's name: `fe80::/10`.
  public var isOfLink: Bool {
    if case .version6(let address) = self { address.high >> 54 == 0xfe80 >> 6 } else { false }
  }

  /// Whether one device can have it: it is not one of a group, of the machine itself, or of nobody.
  var isOfDevice: Bool {
    switch self {
    case .version4(let address): address >> 24 != 0 && address >> 24 != 127 && address >> 28 < 0xe
    case .version6(let address): address.high >> 56 != 0xff && (address.high != 0 || address.low > 1)
    }
  }
}

/// An address that an interface has, and how many of its first bits all devices on the link share.
public struct InterfaceAddress: Hashable, Sendable {
  /// The address.
  public var address: IPAddress
  /// How many bits the prefix has.
  public var prefixBits: Int

  /// The address `address` in a network of that prefix.
  public init(_ address: IPAddress, prefixBits: Int) {
    self.address = address
    self.prefixBits = prefixBits
  }

  /// Whether `other` lies on the same link, as far as the prefix tells.
  func reaches(_ other: IPAddress) -> Bool {
    let (own, others) = (address.bytes, other.bytes)
    guard own.count == others.count else { return false }
    // An address without a prefix would reach everything.
    guard (1...own.count * 8).contains(prefixBits) else { return false }
    let whole = prefixBits / 8
    guard own.prefix(whole).elementsEqual(others.prefix(whole)) else { return false }
    let rest = prefixBits % 8
    return rest == 0 || (own[whole] ^ others[whole]) >> UInt8(8 - rest) == 0
  }
}
