import AnabranchCore
import SeededRandom
import Testing

/// Who belongs to a space, by what was said of that.
@Suite struct RosterTests {
  /// A few devices, each with one log; what they say is numbered as they say it.
  private struct Space {
    private(set) var entries: [Roster.Entry] = []
    private var sequences: [UInt8: UInt32] = [:]

    static let space = Bytes16(high: 0, low: 3)

    static func device(_ number: UInt8) -> Digest {
      Digest(head: Bytes16(high: UInt64(number), low: 1), tail: Bytes16(high: 0, low: 0))
    }

    static func log(_ number: UInt8) -> LogID {
      LogID(Bytes16(high: UInt64(number), low: 2))
    }

    /// The recovery key's word stands in the log of device 1.
    mutating func recovery(_ act: Roster.Act) {
      entries.append(Roster.Entry(next(1), by: Self.device(1), act, isByRecoveryKey: true))
    }

    /// In another log of the author's, where one is given.
    mutating func enrol(_ device: UInt8, as role: MemberRole = .owner, by author: UInt8, in log: UInt8? = nil) {
      entries.append(
        Roster.Entry(
          next(log ?? author), by: Self.device(author), .enrol(Enrol(Self.device(device), into: Self.space, as: role))))
    }

    /// After so many changes of its log; nil for none that is known.
    mutating func restrict(
      _ device: UInt8, to role: MemberRole = .outsider, after last: UInt32?, by author: UInt8
    ) {
      let heads = last.map {
        [Dependency(change: ChangeID(log: Self.log(device), sequence: $0), hash: Bytes16(high: 0, low: 0))]
      }
      let act = Roster.Act.restrict(Restrict(Self.device(device), in: Self.space, to: role, after: heads ?? []))
      entries.append(Roster.Entry(next(author), by: Self.device(author), act))
    }

    mutating func adopt(_ log: UInt8, upTo last: UInt32, by author: UInt8) {
      let head = Dependency(change: ChangeID(log: Self.log(log), sequence: last), hash: Bytes16(high: 0, low: 0))
      entries.append(Roster.Entry(next(author), by: Self.device(author), .adopt(Adopt([head], into: Self.space))))
    }

    /// Changes that say nothing of the roster.
    mutating func write(_ count: UInt32, by author: UInt8) {
      sequences[author, default: 0] += count
    }

    func written(by author: UInt8) -> UInt32 {
      sequences[author] ?? 0
    }

    private mutating func next(_ author: UInt8) -> OperationID {
      sequences[author, default: 0] += 1
      return OperationID(log: Self.log(author), sequence: sequences[author] ?? 0, index: 0)
    }

    var roster: Roster { Roster(entries) }

    /// The members by number, the senior first.
    func members(_ role: MemberRole = .reader) -> [UInt8] {
      roster.members.filter { $0.role >= role }.map { UInt8(truncatingIfNeeded: $0.device.head.high) }
    }

    func role(_ device: UInt8, at sequence: UInt32) -> MemberRole {
      roster.role(of: Self.device(device), at: ChangeID(log: Self.log(device), sequence: sequence))
    }
  }

  /// A space of device 1, founded by the recovery key.
  private static func founded() -> Space {
    var space = Space()
    space.recovery(.enrol(Enrol(Space.device(1), into: Space.space, as: .owner)))
    return space
  }

  @Test func whoWasLetInByAnOwnerIsIn() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.enrol(3, as: .writer, by: 2)
    space.enrol(4, as: .reader, by: 2)
    // A writer lets nobody in, nor does a stranger.
    space.enrol(5, by: 3)
    space.enrol(6, by: 9)
    #expect(space.members() == [1, 2, 3, 4])
    #expect(space.members(.owner) == [1, 2])
    #expect(space.role(4, at: 77) == .reader)
    #expect(space.role(5, at: 1) == .outsider)
  }

  @Test func whatWasWrittenBeforeARemovalStaysAndNothingElse() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.restrict(2, after: 40, by: 1)
    #expect(space.members() == [1])
    #expect(space.role(2, at: 40) == .owner)
    #expect(space.role(2, at: 41) == .outsider)
    // Another log of it, of which the remover knew nothing, is cut before its first change.
    #expect(
      space.roster.role(of: Space.device(2), at: ChangeID(log: Space.log(99), sequence: 1)) == .outsider)
  }

  @Test func ofTwoThatRemoveEachOtherTheSeniorStays() {
    for isSeniorFirst in [true, false] {
      var space = Self.founded()
      space.enrol(2, by: 1)
      space.enrol(3, by: 1)
      // Each has seen all of the other but its removal.
      let acts: [(inout Space) -> Void] = [
        { $0.restrict(3, after: 0, by: 2) }, { $0.restrict(2, after: 0, by: 3) },
      ]
      for act in isSeniorFirst ? acts : acts.reversed() { act(&space) }
      #expect(space.members() == [1, 2])
    }
  }

  @Test func aJuniorRemovesASeniorThatDoesNotObject() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.write(5, by: 1)
    space.restrict(1, after: space.written(by: 1), by: 2)
    // What it says after that counts for nothing.
    space.enrol(3, by: 1)
    #expect(space.members() == [2])
    // But a removal by the senior takes effect first, so a junior cannot get rid of one that notices.
    space.restrict(2, after: 0, by: 1)
    #expect(space.members() == [1, 3])
  }

  @Test func nobodySawsOffTheBranchItSitsOn() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.enrol(3, by: 2)
    // Cut there, device 1 would not have let in device 2, and so nobody would have let in device 3.
    space.restrict(1, after: 0, by: 3)
    #expect(space.members() == [1, 2, 3])
    space.restrict(1, after: 2, by: 3)
    #expect(space.members() == [2, 3])
  }

  @Test func nobodyCutsOffTheWordThatLetItIn() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.enrol(3, by: 1)
    space.enrol(4, as: .owner, by: 2)
    space.enrol(4, as: .reader, by: 3)
    space.enrol(5, by: 4)
    // Device 3 lets it in too, but as a reader: by that it could not have said this.
    space.restrict(2, after: 0, by: 4)
    #expect(space.members(.owner) == [1, 2, 3, 4, 5])
  }

  /// A device that was restored, and does not know that its rights were taken, lets in again who took them, in a new log: also where
  /// that word comes first by the names of the logs, the earlier one stands.
  @Test func whoIsLetInAgainByADeviceThatItRestrictedHasRestrictedIt() {
    for log in [UInt8(0), 9] {
      var space = Self.founded()
      space.enrol(2, by: 1)
      space.restrict(1, to: .reader, after: space.written(by: 1), by: 2)
      space.enrol(2, by: 1, in: log)
      space.enrol(3, by: 1, in: log)
      #expect(space.members(.owner) == [2])
      #expect(space.members(.reader) == [1, 2])
    }
  }

  /// The same where it was somebody else who had let in who took them, whose turn comes later than by the new word.
  @Test func whoIsLetInAnewByADeviceThatItRestrictedWaitsForTheFirstWord() {
    for log in [UInt8(0), 9] {
      var space = Self.founded()
      space.enrol(2, by: 1)
      space.enrol(3, by: 2)
      space.enrol(4, by: 3)
      space.restrict(2, to: .reader, after: space.written(by: 2), by: 4)
      space.enrol(4, by: 2, in: log)
      #expect(Set(space.members(.owner)) == [1, 3, 4])
      #expect(Set(space.members(.reader)) == [1, 2, 3, 4])
    }
  }

  @Test func whoIsInAfterALaterCutHasItsTurn() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.enrol(3, by: 1)
    space.write(14, by: 2)
    space.enrol(9, by: 2)
    space.enrol(5, by: 3)
    space.restrict(2, after: 10, by: 3)
    space.restrict(2, after: 20, by: 5)
    // By the cut that device 3 names, device 9 was never let in; by the greater one it was.
    #expect(space.members() == [1, 3, 5, 9])
    space.restrict(9, after: 0, by: 3)
    #expect(space.members() == [1, 3, 5])
  }

  @Test func rightsOfALogAreThoseOfItsChanges() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.restrict(2, to: .writer, after: 40, by: 1)
    space.restrict(2, after: 60, by: 1)
    let rights = space.roster.rights(of: Space.device(2), in: Space.log(2))
    #expect(
      [1, 40, 41, 60, 61, .max].map { rights.role(at: $0) } == [.owner, .owner, .writer, .writer, .outsider, .outsider])
    #expect(rights.fallsShort(of: .all, upTo: 41) && !rights.fallsShort(of: .all, upTo: 40))
    #expect(!LogRights.all.fallsShort(of: rights, upTo: .max))
  }

  @Test func theRecoveryKeyIsAboveAll() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.restrict(2, after: 0, by: 1)
    space.recovery(.enrol(Enrol(Space.device(4), into: Space.space, as: .owner)))
    space.recovery(.restrict(Restrict(Space.device(1), in: Space.space, to: .outsider, after: [])))
    #expect(space.members() == [4])
    // Cut before its first change, device 1 has let nobody in, and removed nobody.
    #expect(space.role(2, at: 1) == .outsider)
  }

  @Test func whoIsLetInByADeviceThatWasRemovedBeforeIsOut() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.restrict(2, after: 3, by: 1)
    space.write(5, by: 2)
    space.enrol(3, by: 2)
    space.enrol(4, by: 3)
    #expect(space.members() == [1])
    // Let in anew by somebody who may, it is in, and so is whom it let in.
    space.enrol(3, by: 1)
    #expect(space.members() == [1, 3, 4])
    #expect(space.role(3, at: 1) == .owner)
  }

  @Test func ofTwoRemovalsThatNameDifferentChangesTheGreaterCounts() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.enrol(3, by: 1)
    space.restrict(3, after: 40, by: 1)
    space.restrict(3, after: 60, by: 2)
    #expect(space.role(3, at: 60) == .owner)
    #expect(space.role(3, at: 61) == .outsider)
  }

  @Test func aRemovalGivesNoRightsBackThatWereTaken() {
    var space = Self.founded()
    space.enrol(2, by: 1)
    space.restrict(2, to: .reader, after: 40, by: 1)
    space.restrict(2, after: 60, by: 1)
    #expect([40, 41, 60, 61].map { space.role(2, at: $0) } == [.owner, .reader, .reader, .outsider])
  }

  @Test func anotherHistoryIsBroughtAlongButNobodyWhoWasRemoved() {
    var space = Self.founded()
    space.enrol(2, as: .writer, by: 1)
    space.enrol(3, as: .reader, by: 1)
    space.enrol(4, by: 1)
    space.restrict(4, after: 10, by: 1)
    space.adopt(7, upTo: 20, by: 2)
    space.adopt(8, upTo: 20, by: 3)
    space.adopt(4, upTo: 20, by: 2)
    #expect([20, 21].map { space.role(7, at: $0) } == [.writer, .outsider])
    #expect(space.role(8, at: 1) == .outsider)
    #expect(space.role(4, at: 11) == .outsider)
    #expect(space.members() == [1, 2, 3])
  }

  @Test func withoutASpaceEverythingCounts() {
    #expect(Roster.unfounded.role(of: Space.device(1), at: ChangeID(log: Space.log(1), sequence: 1)) == .owner)
    #expect(Roster.unfounded.role(of: Space.device(1)) == .outsider)
    #expect(Roster([]).role(of: Space.device(1), at: ChangeID(log: Space.log(1), sequence: 1)) == .outsider)
  }

  /// Whatever is said, the verdict does not depend on the order in which it came; nobody is in whom no member let in; and who
  /// keeps an eye on things cannot be removed by somebody below.
  @Test(arguments: UInt64(0)..<300) func theVerdictIsOneEverywhere(seed: UInt64) {
    var random = RandomStream(seed: seed)
    var space = Self.founded()
    let count = UInt8(random.number(in: 2...7))
    for _ in 0..<random.number(in: 1...25) {
      let author = UInt8(random.number(in: 1...Int(count)))
      let device = UInt8(random.number(in: 1...Int(count)))
      space.write(UInt32(random.number(in: 0...3)), by: author)
      switch random.number(in: 0...9) {
      case 0...4: space.enrol(device, as: random.pick([.reader, .writer, .owner]) ?? .owner, by: author)
      case 5...7:
        let last = random.chance(1, in: 4) ? nil : UInt32(random.number(in: 0...Int(space.written(by: device))))
        space.restrict(
          device, to: random.pick([.outsider, .outsider, .reader, .writer]) ?? .outsider, after: last, by: author)
      case 8: space.adopt(device, upTo: UInt32(random.number(in: 1...9)), by: author)
      default: space.recovery(.enrol(Enrol(Space.device(device), into: Space.space, as: .owner)))
      }
    }
    let roster = space.roster
    for _ in 0..<4 { #expect(Roster(random.shuffled(space.entries)) == roster) }
    for device in 1...count where roster.role(of: Space.device(device)) != .outsider {
      #expect(roster.members.contains { $0.device == Space.device(device) }, "who is in is listed")
    }
    for device in 1...count {
      let rights = roster.rights(of: Space.device(device), in: Space.log(device))
      for sequence in 1...UInt32(60) {
        #expect(rights.role(at: sequence) == space.role(device, at: sequence))
      }
    }
    for member in roster.members where member.role != .outsider {
      guard let enroller = member.enroller else { continue }
      let enrolment = member.enrolment.change
      #expect(roster.role(of: enroller, at: enrolment) == .owner)
    }
    // The most senior device, where it says nothing against itself and the recovery key nothing, removes whom it wants.
    guard let first = roster.members.first?.device, roster.role(of: first) == .owner else { return }
    var last = space
    let number = UInt8(truncatingIfNeeded: first.head.high)
    for device in 1...count where device != number { last.restrict(device, after: 0, by: number) }
    let others = last.members().filter { $0 != number }
    #expect(others.isEmpty)
  }
}
