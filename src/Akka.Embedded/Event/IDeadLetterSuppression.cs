namespace Akka.Event;

/// <summary>A message whose failure to arrive is normal.</summary>
public interface IDeadLetterSuppression;
