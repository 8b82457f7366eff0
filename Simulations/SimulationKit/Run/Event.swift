/// What a scheduler takes one after the other.
enum Event {
  /// A person does something: that item of the plan.
  case act(Int)
  /// Something goes wrong: that item of the plan.
  case fault(Int)
  /// It is right again.
  case recover(Int)
  /// A network that comes and goes is there, or not, by that item of the plan.
  case outage(Int, isDown: Bool)
  /// A machine goes to sleep if nobody has used it of late.
  case doze(host: Int)
  /// A machine wakes by itself, as phones do to fetch what is new.
  case rouse(host: Int)
  /// A device joins.
  case join(host: Int)
  /// Somebody starts the program again.
  case start(host: Int)
  /// A replica's alarm rings.
  case alarm(host: Int, life: Int)
  /// The program does what it does now and then.
  case housekeeping(host: Int, life: Int)
  /// The next piece of an import is taken over.
  case importStep(host: Int, life: Int, number: Int)
  /// A machine dials another one, again and again or once.
  case dial(host: Int, life: Int, peer: Int, isOnce: Bool)
  /// What became of that.
  case dialled(host: Int, life: Int, peer: Int, isOnce: Bool)
  /// The next segment comes at an end of a connection.
  case arrival(connection: Int, end: Int)
  /// A session is over at an end of a connection.
  case ended(connection: Int, end: Int)
}
