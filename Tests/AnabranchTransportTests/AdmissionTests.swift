import Testing

@testable import AnabranchTransport

@Suite struct AdmissionTests {
  @Test func seatsAreCountedInAllAndByAddress() {
    var admission = Admission(connectionsMax: 3, perAddressMax: 2)
    func enter(_ addresses: [String]) -> [Bool] {
      addresses.map { admission.enter($0) }
    }
    let first = enter(["a", "a", "a", "b", "c"])
    #expect(first == [true, true, false, true, false])
    admission.leave("a")
    let second = enter(["c", "a"])
    #expect(second == [true, false])
    for address in ["a", "b", "c", "c", "nobody"] { admission.leave(address) }
    #expect(admission.count == 0)
    let third = enter(["a", "a", "a"])
    #expect(third == [true, true, false])
  }
}
