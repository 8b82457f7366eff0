internal import Anabranch

/// What a screen wants to be read from the replica.
enum ScreenReading: Hashable, Sendable {
  /// The newest changes, about so many.
  case newest(Int)
  /// Changes that follow in the list: of those that a vector contains.
  case more(VersionVector)
  /// What a pane shows of a change; nil where it is not about one.
  case pane(Pane, GraphNode?)
  /// How far each log is held by now.
  case held
}

/// What came of a reading.
indirect enum ScreenAnswer: Sendable {
  case page(GraphPage)
  case pane(PaneContent)
  case held(VersionVector)
  /// Why nothing came of it.
  case failure(String)
}
