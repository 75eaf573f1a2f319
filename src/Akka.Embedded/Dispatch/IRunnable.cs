namespace Akka.Dispatch;

/// <summary>Something to run on a dispatcher's thread.</summary>
public interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}
