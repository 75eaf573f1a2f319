Console.WriteLine("failover");
