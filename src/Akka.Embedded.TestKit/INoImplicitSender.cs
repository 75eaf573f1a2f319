namespace Akka.TestKit;

/// <summary>Marks a test kit whose test actor shall not be the sender of what the test tells without one.</summary>
public interface INoImplicitSender;
