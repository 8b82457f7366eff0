/// The minimal form of a version vector: the changes that no other held change depends on.
///
/// A vector names every log; its frontier only those heads that are not in another head's past, so a change
/// that follows everything seen names few dependencies.
public struct Frontier: Hashable, Sendable {
  /// The heads, in ascending order of logs. Pairwise concurrent.
  public let heads: [ChangeID]

  /// The frontier of `vector`.
  ///
  /// `past` gives the version vector of a head: itself and all it depends on. O(logs²).
  public init(of vector: VersionVector, past: (ChangeID) throws -> VersionVector) rethrows {
    let candidates = vector.entries.map { ChangeID(log: $0.log, sequence: $0.sequence) }
    let pasts = try candidates.map(past)
    heads = candidates.indices.filter { index in
      !pasts.indices.contains { $0 != index && pasts[$0].contains(candidates[index]) }
    }.map { candidates[$0] }
  }
}
