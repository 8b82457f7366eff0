internal import Anabranch
internal import SeededRandom

/// The note beside a machine's database that tells it from a copy of it, in a file that is written under another name first.
struct OriginNote {
  /// What the machine and the file are called; those of a copy that has all of the machine are called the same.
  var place: String
  /// What a program reads.
  private(set) var origin: Origin?
  /// What is there if the power fails before the folder is on the disk.
  private var former: Origin?

  init(place: String) {
    self.place = place
  }

  mutating func keep(_ origin: Origin) {
    (former, self.origin) = (self.origin, origin)
  }

  /// The system writes back what nobody has pressed onto the disk.
  mutating func writeBack() {
    former = origin
  }

  mutating func losePower(_ random: inout RandomStream) {
    if random.chance(1, in: 2) { origin = former }
    former = origin
  }
}

/// Gives a replica the note of its machine.
struct HostOriginKeeper: OriginKeeper {
  nonisolated(unsafe) let host: Host

  func place() -> String { host.note.place }

  func origin() -> Origin? { host.note.origin }

  func keep(_ origin: Origin) throws(AnabranchError) {
    guard !host.disk.hasCrashed else { throw AnabranchError(.io, "the process has ended", remedy: "start it again") }
    host.note.keep(origin)
  }
}
