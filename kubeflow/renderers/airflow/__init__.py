"""The task graph as an Airflow DAG file."""
