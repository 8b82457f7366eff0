/// Counts the connections of a listener, in all and by address, so that one guest cannot take every seat.
struct Admission: Sendable {
  private let connectionsMax: Int
  private let perAddressMax: Int
  private var counts: [String: Int] = [:]
  private(set) var count = 0

  /// Room for `connectionsMax` connections, of which `perAddressMax` from one address.
  init(connectionsMax: Int, perAddressMax: Int) {
    self.connectionsMax = connectionsMax
    self.perAddressMax = perAddressMax
  }

  /// Whether one more from `address` may come in. It counts until ``leave(_:)``.
  mutating func enter(_ address: String) -> Bool {
    guard count < connectionsMax, counts[address, default: 0] < perAddressMax else { return false }
    count += 1
    counts[address, default: 0] += 1
    return true
  }

  /// One that had come in from `address` is gone.
  mutating func leave(_ address: String) {
    guard let here = counts[address] else { return }
    count -= 1
    counts[address] = here > 1 ? here - 1 : nil
  }
}
