import AnabranchCore
import SeededRandom
import Testing

@testable import AnabranchDiscovery

/// Machines that find each other, in simulated time.
@Suite struct FindingTests {
  private static func sighting(_ device: UInt8, _ host: UInt32) -> Sighting {
    Sighting(.device(device), at: .local(host), port: 4850)
  }

  @Test(arguments: UInt64(0)..<40) func twoFindEachOtherThoughMuchIsLost(seed: UInt64) {
    var wire = Wire(seed: seed, lostPercent: 20)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(70))
    #expect(wire.machines[laptop].found == [Self.sighting(2, 2)])
    #expect(wire.machines[phone].found == [Self.sighting(1, 1)])
  }

  @Test func withoutLossItTakesNoSecond() {
    for seed in 0..<20 as Range<UInt64> {
      var wire = Wire(seed: seed)
      let laptop = wire.add(.family(1), host: 1)
      wire.run(for: .seconds(3_000))
      let phone = wire.add(.family(2), host: 2)
      wire.run(for: .seconds(1) + .milliseconds(500))
      #expect(wire.machines[laptop].found == [Self.sighting(2, 2)])
      #expect(wire.machines[phone].found == [Self.sighting(1, 1)])
    }
  }

  @Test(arguments: UInt64(0)..<10) func whoIsThereStaysFound(seed: UInt64) {
    var wire = Wire(seed: seed, lostPercent: 10)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(20))
    var (lost, checks) = (0, 0)
    for _ in 0..<200 {
      wire.run(for: .seconds(30))
      checks += 2
      lost += [laptop, phone].filter { wire.machines[$0].found.isEmpty }.count
    }
    // Four answers in a row may be lost; then it is looked for again at once.
    #expect(lost <= checks / 100, "\(lost) of \(checks)")
  }

  @Test func whoSaysGoodbyeIsForgottenAtOnce() {
    var wire = Wire(seed: 3)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(5))
    wire.take(.stopped, at: phone)
    wire.run(for: .milliseconds(500))
    #expect(wire.machines[laptop].found.count == 1, "somebody else may object")
    wire.run(for: .milliseconds(600))
    #expect(wire.machines[laptop].found.isEmpty)
    // It has said its last word.
    let count = wire.machines[phone].sent.count
    wire.run(for: .seconds(7_200))
    #expect(wire.machines[phone].sent.count == count && wire.machines[phone].discovery.deadline == nil)
  }

  @Test func whoVanishesIsForgottenWhenItsTimeIsOver() {
    var wire = Wire(seed: 4)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(60))
    wire.unplugged = [phone]
    wire.run(for: .seconds(Int64(DiscoveryLimits.timeToLive)))
    #expect(wire.machines[laptop].found.isEmpty)
    wire.unplugged = []
    wire.take(.missed, at: laptop)
    wire.run(for: .seconds(2))
    #expect(wire.machines[laptop].found == [Self.sighting(2, 2)])
  }

  /// Nobody who listened there before can tell by a name, or by anything else, that it is the same device; and yet it is found.
  @Test func whoMovesIsFoundUnderOtherNames() throws {
    for seed in 0..<10 as Range<UInt64> {
      var wire = Wire(seed: seed)
      let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
      wire.run(for: .seconds(30))
      let before = wire.messages(of: phone, isResponse: true).flatMap(\.message.answers)
      let moved = wire.now
      wire.move(phone, to: 99)
      wire.run(for: .seconds(2))
      #expect(wire.machines[laptop].found.first == Self.sighting(2, 99))
      let after = wire.messages(of: phone, isResponse: true, since: moved).flatMap(\.message.answers)
      let (old, new) = (Set(before.map(\.name)), Set(after.map(\.name)))
      #expect(old.count == 3 && new.count == 3 && old.intersection(new) == [.service])
      #expect(
        after.allSatisfy { $0.timeToLive > 0 } && Set(before.map(\.content)).isDisjoint(with: after.map(\.content)))
      wire.run(for: .seconds(Int64(DiscoveryLimits.timeToLive)))
      #expect(wire.machines[laptop].found == [Self.sighting(2, 99)])
    }
  }

  @Test func anAddressThatIsAddedIsAnnouncedUnderTheSameName() {
    var wire = Wire(seed: 5)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(30))
    let both = [2, 3].map { InterfaceAddress(.local($0), prefixBits: 24) }
    wire.take(.addresses(both, offered: both.map(\.address)), at: phone)
    wire.run(for: .seconds(2))
    #expect(wire.machines[laptop].found == [Self.sighting(2, 2), Self.sighting(2, 3)])
    #expect(Set(wire.messages(of: phone, isResponse: true).flatMap(\.message.instances)).count == 1)
  }

  /// An address of the link alone stays when a machine goes elsewhere: what it heard at home it does not tell there.
  @Test func whatWasHeardInOneNetworkIsNotToldInTheNext() throws {
    var wire = Wire(seed: 11)
    let (laptop, _) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(5))
    let own = InterfaceAddress(.local(200), prefixBits: 24)
    wire.take(.addresses([InterfaceAddress(.local(1), prefixBits: 24), own], offered: [.local(1)]), at: laptop)
    wire.run(for: .seconds(5))
    #expect(!wire.machines[laptop].discovery.browser.known.isEmpty)
    wire.take(.addresses([InterfaceAddress(.local(77), prefixBits: 24), own], offered: [.local(77)]), at: laptop)
    #expect(wire.machines[laptop].discovery.browser.known.isEmpty)
    #expect(wire.machines[laptop].discovery.browser.sightings.isEmpty)
  }

  @Test func strangersAreNobody() {
    var wire = Wire(seed: 6)
    let laptop = wire.add(.family(1), host: 1)
    let other = wire.add(.family(2, space: 8), host: 2)
    _ = wire.add(.family(3, of: 3), host: 3)
    wire.run(for: .seconds(300))
    for index in [laptop, other] { #expect(wire.machines[index].found.isEmpty) }
    #expect(wire.machines[laptop].discovery.browser.services.isEmpty)
  }

  @Test func whoIsLetInLaterIsFoundThen_andWhoIsRemovedNotAnyMore() {
    var wire = Wire(seed: 7)
    let laptop = wire.add(.family(1, of: 2), host: 1)
    let third = wire.add(.family(3, of: 3), host: 3)
    wire.run(for: .seconds(10))
    #expect(wire.machines[laptop].found.isEmpty && wire.machines[third].found == [Self.sighting(1, 1)])
    // What was a stranger's is not taken for known any more.
    wire.take(.membership(.family(1, of: 3)), at: laptop)
    wire.run(for: .seconds(2))
    #expect(wire.machines[laptop].found == [Self.sighting(3, 3)])
    wire.take(.membership(.family(1, of: 2)), at: laptop)
    #expect(wire.machines[laptop].found.isEmpty)
  }

  @Test func whoEntersAnotherSpaceTakesOtherNames() {
    var wire = Wire(seed: 8)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2))
    wire.run(for: .seconds(10))
    wire.take(.membership(.family(2, space: 9)), at: phone)
    wire.run(for: .seconds(3))
    #expect(wire.machines[laptop].found.isEmpty && wire.machines[phone].found.isEmpty)
    let instances = wire.messages(of: phone, isResponse: true).flatMap(\.message.instances)
    #expect(Set(instances).count == 2)
    wire.take(.membership(.family(1, space: 9)), at: laptop)
    wire.run(for: .seconds(3))
    #expect(wire.machines[laptop].found == [Self.sighting(2, 2)])
  }

  @Test func whoOffersNothingOnlyLooks() {
    var wire = Wire(seed: 9)
    let (laptop, phone) = (wire.add(.family(1), host: 1), wire.add(.family(2), host: 2, offers: false))
    wire.run(for: .seconds(300))
    #expect(wire.machines[laptop].found.isEmpty && wire.machines[phone].found == [Self.sighting(1, 1)])
    #expect(wire.messages(of: phone, isResponse: true).isEmpty)
    wire.take(.stopped, at: phone)
    #expect(wire.messages(of: phone, isResponse: true).isEmpty, "it takes nothing back that it never said")
  }
}
